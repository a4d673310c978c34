//! Flags that say what the operator was told of the proxies' image.

use aigateway_operator::build::Image;
use aigateway_operator::settings::Settings;
use clap::Args;

/// What the operator was told of the proxies' image.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Images {
    /// The proxies' image where a gateway names none, as the operator was told it
    #[arg(long = "proxy-image", value_name = "IMAGE", default_value = concat!("aigateway-proxy:", env!("CARGO_PKG_VERSION")))]
    pub(crate) image: String,

    /// When that image is pulled: Always, `IfNotPresent` or Never; default: Kubernetes decides
    #[arg(long = "proxy-pull-policy", value_name = "POLICY", value_parser = ["Always", "IfNotPresent", "Never"])]
    pub(crate) pull_policy: Option<String>,

    /// A Secret that images are pulled with; may be repeated
    #[arg(long = "proxy-pull-secret", value_name = "NAME")]
    pub(crate) pull_secrets: Vec<String>,
}

impl Images {
    /// The same as the operator's settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            proxy_image: self.image.clone(),
            proxy_pull_policy: self.pull_policy.clone(),
            proxy_pull_secrets: self.pull_secrets.clone(),
            rolls: 1,
        }
    }
}

/// The image of a gateway's proxies where no earlier one is kept.
pub(crate) fn image(named: Option<&String>, settings: &Settings) -> Image {
    named.map_or_else(|| Image::Default(settings.proxy_image.clone()), |image| Image::Named(image.clone()))
}
