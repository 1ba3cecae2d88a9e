//! The regions of Genesys Cloud. One organization lives in exactly one of them.

use url::Url;

use crate::http::{KnownHosts, is_loopback};

/// A region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Name at Amazon Web Services, such as `eu-central-1`; what recordings carry as their region.
    pub aws: &'static str,
    /// Domain, such as `mypurecloud.de`.
    pub domain: &'static str,
    /// Name for people.
    pub name: &'static str,
}

impl Region {
    /// Where the Platform API answers.
    pub fn api_url(&self) -> String {
        format!("https://api.{}", self.domain)
    }

    /// Where tokens are issued.
    pub fn login_url(&self) -> String {
        format!("https://login.{}", self.domain)
    }
}

/// Genesys: hosts `api.<domain>` and `login.<domain>`, from the official SDKs (API reference, checked 2026-08).
pub const REGIONS: [Region; 18] = [
    region("us-east-1", "mypurecloud.com", "US East"),
    region("us-west-2", "usw2.pure.cloud", "US West"),
    region("us-east-2", "use2.us-gov-pure.cloud", "US FedRAMP"),
    region("ca-central-1", "cac1.pure.cloud", "Canada"),
    region("mx-central-1", "mxc1.pure.cloud", "Mexico"),
    region("sa-east-1", "sae1.pure.cloud", "São Paulo"),
    region("eu-west-1", "mypurecloud.ie", "Ireland"),
    region("eu-west-2", "euw2.pure.cloud", "London"),
    region("eu-central-1", "mypurecloud.de", "Frankfurt"),
    region("eu-central-2", "euc2.pure.cloud", "Zurich"),
    region(
        "eusc-de-east-1",
        "edee1.eusc-pure.cloud",
        "EU sovereign cloud, Germany",
    ),
    region("me-central-1", "mec1.pure.cloud", "UAE"),
    region("ap-south-1", "aps1.pure.cloud", "Mumbai"),
    region("ap-southeast-1", "apse1.pure.cloud", "Singapore"),
    region("ap-southeast-2", "mypurecloud.com.au", "Sydney"),
    region("ap-northeast-1", "mypurecloud.jp", "Tokyo"),
    region("ap-northeast-2", "apne2.pure.cloud", "Seoul"),
    region("ap-northeast-3", "apne3.pure.cloud", "Osaka"),
];

const fn region(aws: &'static str, domain: &'static str, name: &'static str) -> Region {
    Region { aws, domain, name }
}

/// Finds a region by its domain, its name at Amazon Web Services, or one of its hosts.
pub(super) fn find(name: &str) -> Option<Region> {
    let name = name.trim().to_ascii_lowercase();
    let domain = ["api.", "login.", "apps."]
        .iter()
        .find_map(|host| name.strip_prefix(host));
    let domain = domain.unwrap_or(&name);
    REGIONS
        .into_iter()
        .find(|region| region.domain == domain || region.aws == name)
}

/// The region of an API address, or its host when it is none of Genesys' own.
pub(super) fn of_api(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    find(host).map_or_else(|| host.to_owned(), |region| region.aws.to_owned())
}

/// The hosts of an organization: its two addresses, the hosts it is configured with, and the storage
/// of its region. An API on this machine may name any port of it, unless hosts are configured. // B8
pub(super) fn known_hosts(api_url: &Url, login_url: &Url, media_hosts: &[String]) -> KnownHosts {
    let known = KnownHosts::default()
        .with_address(api_url)
        .with_address(login_url);
    let known = media_hosts
        .iter()
        .fold(known, |known, host| known.with(host));
    if is_loopback(api_url) && media_hosts.is_empty() {
        return known.with_this_machine();
    }
    match find(api_url.host_str().unwrap_or_default()) {
        Some(region) => storage_hosts(region)
            .iter()
            .fold(known, |known, host| known.with(host)),
        None => known,
    }
}

/// Where recordings of a region are downloaded from.
// Genesys: media addresses are presigned addresses of Amazon S3 (API reference section 3.2, checked 2026-08);
// their host is not documented, so these are the names under which S3 serves a region.
fn storage_hosts(region: Region) -> [String; 4] {
    // AWS: the European sovereign cloud has a domain of its own (AWS General Reference, checked 2026-08).
    let provider = match region.aws.starts_with("eusc-") {
        true => "amazonaws.eu",
        false => "amazonaws.com",
    };
    let aws = region.aws;
    [
        region.domain.to_owned(),
        format!("s3.{aws}.{provider}"),
        format!("s3.dualstack.{aws}.{provider}"),
        format!("s3-{aws}.{provider}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_by_any_of_their_names() {
        for name in [
            "eu-central-1",
            "mypurecloud.de",
            " API.mypurecloud.de ",
            "login.mypurecloud.de",
        ] {
            assert_eq!(find(name).unwrap().name, "Frankfurt", "{name}");
        }
        let sydney = find("mypurecloud.com.au").unwrap();
        assert_eq!(sydney.api_url(), "https://api.mypurecloud.com.au");
        assert_eq!(sydney.login_url(), "https://login.mypurecloud.com.au");
    }

    #[test]
    fn hosts_that_look_similar_are_no_region() {
        for name in [
            "",
            "mypurecloud",
            "api.eu.genesys.cloud",
            "acme.mypurecloud.com",
            "mypurecloud.de.evil.org",
        ] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn every_region_is_listed_once() {
        let mut names: Vec<_> = REGIONS.iter().flat_map(|it| [it.aws, it.domain]).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * REGIONS.len());
    }
}
