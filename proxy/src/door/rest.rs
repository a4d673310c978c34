//! Cloudflare's REST paths: `/client/v4/accounts/{account}/ai/...`, where a header names the gateway. Source:
//! <https://developers.cloudflare.com/ai-gateway/usage/rest-api/> (November 2026).

use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use crate::error::GatewayError;
use crate::runtime::{Gateway, Gateways};

const GATEWAY_ID: HeaderName = HeaderName::from_static("cf-aig-gateway-id");

/// The gateway that is meant where no header names one.
const DEFAULT: &str = "default";

const ACCOUNTS: &str = "/client/v4/accounts/";

/// A path of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RestPath<'a> {
    account: &'a str,
    /// Where what follows `/ai` begins, its slash included.
    pub(crate) at: usize,
}

/// Reads a path; `None` where it is of another form.
pub(crate) fn read(path: &str) -> Option<RestPath<'_>> {
    let rest = path.strip_prefix(ACCOUNTS)?;
    let (account, rest) = rest.split_once('/')?;
    let is_ai = rest.strip_prefix("ai").is_some_and(|rest| rest.starts_with('/'));
    is_ai.then_some(RestPath { account, at: ACCOUNTS.len() + account.len() + "/ai".len() })
}

impl RestPath<'_> {
    /// The gateway that is meant.
    ///
    /// # Errors
    /// The account has no such gateway here.
    pub(crate) fn gateway(self, gateways: &Gateways, headers: &HeaderMap) -> Result<Arc<Gateway>, GatewayError> {
        let named = headers.get(GATEWAY_ID);
        let id = named.map_or(Some(DEFAULT), |id| id.to_str().ok()).unwrap_or_default();
        if let Some(gateway) = gateways.at(&format!("{}/{id}", self.account)) {
            return Ok(Arc::clone(gateway));
        }
        match gateways.only_one_of(self.account) {
            Some(only) if named.is_none() => Ok(Arc::clone(only)),
            Some(_) | None => {
                Err(GatewayError::UnknownGatewayId { account: self.account.to_owned(), id: id.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_path_has_an_account_and_what_follows_ai() {
        let check = |path: &str, expected: Option<(&str, &str)>| {
            assert_eq!(read(path).map(|rest| (rest.account, &path[rest.at..])), expected, "{path}");
        };
        check("/client/v4/accounts/acme/ai/run/@cf/meta/llama", Some(("acme", "/run/@cf/meta/llama")));
        check("/client/v4/accounts/acme/ai/v1/responses", Some(("acme", "/v1/responses")));
        check("/client/v4/accounts/acme/ai", None);
        check("/client/v4/accounts/acme/ai-gateway/gateways", None);
        check("/client/v4/user", None);
    }
}
