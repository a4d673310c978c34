//! Flags of `run` that say two things at once.

use std::env;
use std::net::SocketAddr;
use std::str::FromStr;

use aigateway_config::url::check_base_url;
use aigateway_crds::secrets::{is_key, is_name};
use anyhow::{Context, Result, bail};

use crate::run::key::Key;

/// `--service NAME=URL`: where a Service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceUrl {
    /// The Service's name.
    pub(crate) name: String,
    /// Scheme, host and port.
    pub(crate) url: String,
}

impl FromStr for ServiceUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "write NAME=URL, like vllm=http://127.0.0.1:8000".to_owned();
        let (name, url) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(form)?;
        check_base_url(url).map_err(|error| error.to_string())?;
        Ok(Self { name: name.into(), url: url.into() })
    }
}

/// `--env SECRET/KEY=VARIABLE`: a key of a Secret that stands in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyVariable {
    /// The Secret's name, in whatever namespace.
    pub(crate) secret: String,
    /// Its key.
    pub(crate) key: String,
    /// The variable's name.
    pub(crate) variable: String,
}

impl FromStr for KeyVariable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "write SECRET/KEY=VARIABLE, like provider-keys/openai=OPENAI_API_KEY".to_owned();
        let (place, variable) = text.split_once('=').ok_or_else(form)?;
        let (secret, key) = place.split_once('/').ok_or_else(form)?;
        if !is_name(secret) || !is_key(key) || variable.is_empty() {
            return Err(form());
        }
        Ok(Self { secret: secret.into(), key: key.into(), variable: variable.into() })
    }
}

impl KeyVariable {
    /// What the variable holds.
    ///
    /// # Errors
    /// When it is not set, is empty, or is no text.
    pub(crate) fn read(&self) -> Result<Key> {
        let Self { secret, key, variable } = self;
        let flag = || format!("--env {secret}/{key}={variable}: can't use the variable {variable}");
        let value = env::var(variable).with_context(flag)?;
        if value.trim().is_empty() {
            bail!("{}: it is empty", flag());
        }
        Ok(Key::new(value.into_bytes()))
    }
}

/// An address of this machine only: records may hold what callers say.
pub(crate) fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "write an address and a port, like 127.0.0.1:9091".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("records are served on loopback only, like 127.0.0.1:9091".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_name_and_a_url() {
        let url = |name: &str, url: &str| Ok(ServiceUrl { name: name.into(), url: url.into() });
        assert_eq!("vllm=http://127.0.0.1:8000".parse(), url("vllm", "http://127.0.0.1:8000"));
        assert_eq!("a=https://x/p=q".parse(), url("a", "https://x/p=q"));
        for text in ["vllm", "=http://x", "vllm=", "vllm=127.0.0.1:8000", "vllm=ftp://x"] {
            assert!(text.parse::<ServiceUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_has_a_secret_a_name_and_a_variable() {
        let expected = KeyVariable { secret: "keys".into(), key: "open.ai".into(), variable: "KEY".into() };
        assert_eq!("keys/open.ai=KEY".parse(), Ok(expected));
        for text in ["keys=KEY", "keys/openai", "/openai=KEY", "keys/=KEY", "keys/openai=", "keys/..=KEY", "a/b/c=KEY"]
        {
            let error = text.parse::<KeyVariable>().unwrap_err();
            assert!(error.contains("SECRET/KEY=VARIABLE"), "{text}: {error}");
        }
    }

    #[test]
    fn a_variable_that_is_not_there_is_named_with_its_flag() {
        let variable: KeyVariable = "keys/openai=AIGATEWAY_NO_SUCH_VARIABLE".parse().unwrap();
        let error = variable.read().unwrap_err();
        assert!(format!("{error:#}").starts_with("--env keys/openai=AIGATEWAY_NO_SUCH_VARIABLE"), "{error:#}");
    }

    #[test]
    fn records_are_for_this_machine_only() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:9091").is_ok());
        assert!(loopback("0.0.0.0:9091").unwrap_err().contains("loopback only"));
        assert!(loopback("9091").unwrap_err().contains("127.0.0.1:9091"));
    }
}
