//! Who a request counts for.
//!
//! Not authentication: a header that names the user is believed.

use aigateway_config::policy::{Identity, IdentityType};
use http::{HeaderMap, HeaderName};

use crate::error::GatewayError;
use crate::policy::metadata::Metadata;

/// Where the user is found, made when the configuration is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserSource {
    /// In this header.
    Header(HeaderName),
    /// In this entry of the metadata.
    Metadata(Box<str>),
}

impl UserSource {
    /// What `identity` says; `None` where the name is no header's, which `check` refuses.
    pub fn of(identity: &Identity) -> Option<Self> {
        match identity.kind {
            IdentityType::Header => HeaderName::try_from(identity.name.as_str()).ok().map(Self::Header),
            IdentityType::Metadata => Some(Self::Metadata(identity.name.as_str().into())),
        }
    }

    /// The user of a request.
    ///
    /// # Errors
    /// The request does not say exactly one, or it is empty or no text.
    pub fn user<'a>(&self, headers: &'a HeaderMap, metadata: &'a Metadata) -> Result<&'a str, GatewayError> {
        let user = match self {
            Self::Header(name) => {
                let mut values = headers.get_all(name).iter();
                values
                    .next()
                    .filter(|_| values.next().is_none())
                    .and_then(|value| str::from_utf8(value.as_bytes()).ok())
            }
            Self::Metadata(name) => metadata.text(name),
        };
        user.filter(|user| !user.is_empty()).ok_or_else(|| self.missing())
    }

    fn missing(&self) -> GatewayError {
        GatewayError::NoIdentity(match self {
            Self::Header(name) => format!("one header {name} that names the user"),
            Self::Metadata(name) => format!("the user as {name:?} in the header cf-aig-metadata"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: IdentityType, name: &str) -> UserSource {
        UserSource::of(&Identity { kind, name: name.into() }).unwrap()
    }

    /// Header lines as `name: value`; the user, or what is asked for.
    fn check(kind: IdentityType, name: &str, lines: &[(&'static str, &str)], expected: Result<&str, &str>) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let metadata = Metadata::of(&headers).unwrap();
        let user = source(kind, name).user(&headers, &metadata);
        let told = match &user {
            Ok(user) => Ok(*user),
            Err(GatewayError::NoIdentity(ask)) => Err(ask.as_str()),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(told, expected, "{lines:?}");
    }

    const ASK: &str = "one header x-user-id that names the user";
    const FIELD: &str = r#"the user as "uid" in the header cf-aig-metadata"#;

    #[test]
    fn the_user_is_found_where_identity_says() {
        let header =
            |lines: &[(&'static str, &str)], expected| check(IdentityType::Header, "X-User-Id", lines, expected);
        header(&[("x-user-id", "ada")], Ok("ada"));
        header(&[("x-user-id", "jos\u{e9}")], Ok("jos\u{e9}"));
        header(&[], Err(ASK));
        header(&[("x-user-id", "")], Err(ASK));
        header(&[("x-user-id", "ada"), ("x-user-id", "bob")], Err(ASK));

        let field = |lines: &[(&'static str, &str)], expected| check(IdentityType::Metadata, "uid", lines, expected);
        field(&[("cf-aig-metadata", r#"{"uid":"ada"}"#)], Ok("ada"));
        field(&[("cf-aig-metadata", r#"{"uid":42}"#)], Ok("42"));
        field(&[("cf-aig-metadata", r#"{"uid":""}"#)], Err(FIELD));
        field(&[("cf-aig-metadata", r#"{"team":"x"}"#)], Err(FIELD));
        field(&[], Err(FIELD));
    }

    #[test]
    fn a_name_that_is_no_header_is_no_source() {
        let identity = Identity { kind: IdentityType::Header, name: "x user".into() };
        assert_eq!(UserSource::of(&identity), None);
    }
}
