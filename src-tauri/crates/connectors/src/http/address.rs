//! Which addresses may be asked, and addresses that can be printed.

use std::fmt;

use url::{Host, Url};

use super::HttpError;

/// An address without user, query and fragment: safe to log and show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintableUrl(String);

impl From<&Url> for PrintableUrl {
    fn from(url: &Url) -> Self {
        Self(format!("{}{}", host_of(url), url.path()))
    }
}

impl fmt::Display for PrintableUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Host and, when it is not the usual one, port.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("unknown host");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether the address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Allows `https` anywhere and `http` on this machine only; never a user or password in the address.
///
/// # Errors
/// When the address is not allowed.
pub fn check_address(url: &Url) -> Result<(), HttpError> {
    let reason = match url.scheme() {
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
            "it carries a user name or password"
        }
        "https" => return Ok(()),
        "http" if is_loopback(url) => return Ok(()),
        "http" => "only https is allowed outside this machine",
        _ => "it is neither https nor http",
    };
    Err(HttpError::Address {
        host: host_of(url),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        check_address(&Url::parse(text).unwrap()).is_ok()
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for good in [
            "https://api.mypurecloud.de",
            "http://127.0.0.1:8080/x",
            "http://[::1]:1/",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "http://api.mypurecloud.de",
            "http://127.0.0.1.example.org",
            "https://user:secret@api.mypurecloud.de",
            "http://user@127.0.0.1/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn printed_addresses_have_no_query() {
        let url =
            Url::parse("https://u:p@media.example.org:8443/a/b?X-Amz-Signature=abc#f").unwrap();
        assert_eq!(
            PrintableUrl::from(&url).to_string(),
            "media.example.org:8443/a/b"
        );
    }
}
