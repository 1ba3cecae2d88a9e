//! Which hosts a source may reach. Every other host is refused before anything is sent. // B8

use url::Url;

use super::{HttpError, address::host_of, is_loopback};

/// The hosts of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownHosts {
    /// Whole hosts, with the port when it is not the usual one.
    exact: Vec<String>,
    /// Domains whose hosts are all known; only on the usual port.
    domains: Vec<String>,
    /// Whether every port of this machine is known.
    this_machine: bool,
}

impl KnownHosts {
    /// Adds the host and port of an address, and no other port of that host.
    #[must_use]
    pub fn with_address(mut self, url: &Url) -> Self {
        self.exact.push(host_of(url));
        self
    }

    /// Adds a domain with all its hosts, or one host with its port such as `127.0.0.1:8082`.
    #[must_use]
    pub fn with(mut self, name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase();
        if name.contains(':') {
            self.exact.push(name);
        } else if !name.is_empty() {
            self.domains.push(name);
        }
        self
    }

    /// Adds every port of this machine.
    #[must_use]
    pub fn with_this_machine(mut self) -> Self {
        self.this_machine = true;
        self
    }

    /// Refuses an address whose host is none of these.
    ///
    /// # Errors
    /// When the host is unknown.
    pub fn check(&self, url: &Url) -> Result<(), HttpError> {
        let host = host_of(url);
        if self.exact.contains(&host)
            || self.domains.iter().any(|domain| lies_in(&host, domain))
            || self.this_machine && is_loopback(url)
        {
            return Ok(());
        }
        Err(HttpError::UnknownHost { host })
    }
}

/// Whether a host is the domain or one of its subdomains; a host with a port is neither.
fn lies_in(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn known() -> KnownHosts {
        KnownHosts::default()
            .with_address(&url("https://api.mypurecloud.de"))
            .with_address(&url("http://127.0.0.1:8080"))
            .with(" S3.eu-central-1.amazonaws.com ")
            .with("media.example.org:8443")
            .with("")
    }

    // B8
    #[test]
    fn only_known_hosts_are_reached() {
        for good in [
            "https://api.mypurecloud.de/x",
            "http://127.0.0.1:8080/x",
            "https://bucket.s3.eu-central-1.amazonaws.com/a?X-Amz-Signature=s",
            "https://s3.eu-central-1.amazonaws.com/bucket/a",
            "https://media.example.org:8443/a",
        ] {
            assert_eq!(known().check(&url(good)), Ok(()), "{good}");
        }
        for bad in [
            "https://login.mypurecloud.de/x",
            "https://evil.api.mypurecloud.de/x",
            "https://api.mypurecloud.de:8443/x",
            "http://127.0.0.1:8081/x",
            "https://bucket.s3.us-east-1.amazonaws.com/a",
            "https://notas3.eu-central-1.amazonaws.com.example.org/a",
            "https://xs3.eu-central-1.amazonaws.com/a",
            "https://bucket.s3.eu-central-1.amazonaws.com:8443/a",
            "https://media.example.org/a",
        ] {
            assert!(known().check(&url(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn this_machine_is_known_only_when_named() {
        let local = url("http://127.0.0.1:9/x");
        assert!(KnownHosts::default().check(&local).is_err());
        let known = KnownHosts::default().with_this_machine();
        assert_eq!(known.check(&local), Ok(()));
        assert!(known.check(&url("https://example.org")).is_err());
    }
}
