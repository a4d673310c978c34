//! What calls to Bedrock are signed with: a stored access key, and the region of the host that is called.

use http::HeaderMap;
use http::header::HOST;

use super::sign::{Keys, Parts, Scope, sign};

/// The name under which Bedrock's runtime is signed for.
const SERVICE: &str = "bedrock";

/// A stored access key, ready to sign.
#[derive(Debug)]
pub struct Signer {
    keys: Keys,
    region: Option<Box<str>>,
}

impl Signer {
    /// `region` is for hosts that name none themselves.
    pub fn new(keys: Keys, region: Option<&str>) -> Self {
        Self { keys, region: region.map(Box::from) }
    }

    /// Signs a request whose headers hold its `host`; false where nobody says which region that is in.
    #[must_use]
    pub fn sign(&self, headers: &mut HeaderMap, parts: Parts<'_>, now_unix: u64) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        let Some(region) = region(&host).or(self.region.as_deref()) else { return false };
        sign(headers, parts, Scope { region, service: SERVICE }, &self.keys, now_unix);
        true
    }
}

/// The region that a host of AWS's names: the label behind the service's, `bedrock-runtime.eu-central-1.amazonaws.com`.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/bedrock.html>, November 2026.
fn region(host: &str) -> Option<&str> {
    let is_awss = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end));
    let mut labels = host.split('.').filter(|_| is_awss);
    labels.find(|label| label.starts_with("bedrock"))?;
    labels.next().filter(|label| label.contains('-'))
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use http::{HeaderValue, Method};

    use super::*;

    #[test]
    fn a_host_of_awss_names_its_region() {
        let check = |host: &str, expected: Option<&str>| assert_eq!(region(host), expected, "{host}");
        check("bedrock-runtime.eu-central-1.amazonaws.com", Some("eu-central-1"));
        check("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1"));
        check("vpce-0a-1b.bedrock-runtime.us-east-1.vpce.amazonaws.com", Some("us-east-1"));
        check("bedrock-mantle.us-east-2.api.aws", Some("us-east-2"));
        check("bedrock-runtime.cn-north-1.amazonaws.com.cn", Some("cn-north-1"));
        check("bedrock-runtime.amazonaws.com", None);
        check("bedrock-runtime.us-east-1.example.com", None);
        check("127.0.0.1:8080", None);
    }

    #[test]
    fn the_hosts_region_is_signed_for_before_the_configured_one() {
        let check = |host, configured, expected: Option<&str>| {
            let keys = Keys { access_key_id: "A".to_owned(), secret: "s".to_owned(), session_token: None };
            let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            let parts = Parts { method: &Method::POST, target: "/model/a/converse", body: b"" };
            assert_eq!(Signer::new(keys, configured).sign(&mut headers, parts, 0), expected.is_some());
            let signed = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().split('/').nth(2).unwrap());
            assert_eq!(signed, expected);
        };
        check("bedrock-runtime.eu-west-1.amazonaws.com", Some("us-east-1"), Some("eu-west-1"));
        check("bedrock.example.com", Some("us-east-1"), Some("us-east-1"));
        check("bedrock.example.com", None, None);
    }
}
