//! A person with a browser, for tests: reads the login page, presses a button, follows where it leads.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Which button of the login page is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The client may act for the person.
    Allow,
    /// It may not.
    Deny,
}

/// What a page answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Where it sends the browser.
    pub location: Option<String>,
    /// The whole answer, headers included.
    pub text: String,
}

impl Page {
    fn read(text: String) -> Option<Self> {
        let status = text.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            let is_location = name.eq_ignore_ascii_case("location");
            is_location.then(|| value.trim().to_owned())
        };
        Some(Self {
            status,
            location: text.lines().find_map(header),
            text,
        })
    }

    /// The hidden fields of a form, as the page wrote them.
    fn fields(&self) -> Vec<(String, String)> {
        let inputs = self.text.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |input: &str| {
            let (name, rest) = input.split_once('"')?;
            let value = rest.strip_prefix(" value=\"")?.split_once('"')?.0;
            Some((unescaped(name), unescaped(value)))
        };
        inputs.filter_map(field).collect()
    }
}

/// Opens the login page and presses a button; gives the page that answers.
///
/// # Errors
/// When the page does not answer.
pub async fn press(link: &str, decision: Decision) -> std::io::Result<Page> {
    let page = open(link).await?;
    let mut fields = page.fields();
    let decision = match decision {
        Decision::Allow => "allow",
        Decision::Deny => "deny",
    };
    fields.push(("decision".to_owned(), decision.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let address = link.split('?').next().unwrap_or(link);
    post(address, &fields).await
}

/// Opens an address.
///
/// # Errors
/// When nobody answers there.
pub async fn open(address: &str) -> std::io::Result<Page> {
    ask("GET", address, "").await
}

/// Sends a form.
///
/// # Errors
/// When nobody answers there.
pub async fn post(address: &str, fields: &[(&str, &str)]) -> std::io::Result<Page> {
    ask("POST", address, &crate::genesys::encoded(fields)).await
}

async fn ask(method: &str, address: &str, body: &str) -> std::io::Result<Page> {
    let unusable = || std::io::Error::other("this is no address of a page on this machine");
    let rest = address.strip_prefix("http://").ok_or_else(unusable)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = host.rsplit(':').next().and_then(|port| port.parse().ok());
    let mut stream = TcpStream::connect(("127.0.0.1", port.ok_or_else(unusable)?)).await?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Page::read(String::from_utf8_lossy(&answer).into_owned()).ok_or_else(unusable)
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}
