//! A page of the simulated site: fetched over HTTP, and reduced to the texts that a browser shows.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// How long the web server may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fetches a page from this machine, by HTTP/1.0: one request, and the answer ends with the connection.
pub fn fetch(address: &str) -> Result<String> {
    let rest = address.strip_prefix("http://").context("not an http address")?;
    let (host, path) = rest.split_once('/').context("an address without a path")?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("{host} does not answer"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).context("the page is not UTF-8")?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("an answer without a head")?;
    let status = head.lines().next().unwrap_or_default();
    ensure!(status.split(' ').nth(1) == Some("200"), "{address}: {status}");
    Ok(body.to_owned())
}

/// The texts of a page, a paragraph a line: also the labels of its buttons and the texts of its images, in brackets.
///
/// Enough for the pages of the simulated site. Where texts are translated, a real parser reads them.
pub fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, from)) = rest.split_once('<') {
        text.push_str(&one_blank(before));
        let end = if from.starts_with("!--") { "-->" } else { ">" };
        let (tag, after) = from.split_once(end).unwrap_or_default();
        rest = after;
        let name = tag
            .split([' ', '\t', '\n', '\r'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" => {
                rest = after
                    .split_once(&format!("</{name}>"))
                    .map_or("", |(_, rest)| rest)
            }
            "input" if matches!(attribute(tag, "type"), Some("submit" | "button" | "reset")) => {
                bracketed(&mut text, tag, "value")
            }
            "img" => bracketed(&mut text, tag, "alt"),
            "p" | "br" | "hr" | "tr" | "li" | "h1" | "h2" | "h3" | "table" | "form" | "body" | "/title"
            | "/h1" | "/h2" | "/h3" | "/table" | "/form" => text.push('\n'),
            "td" | "th" => text.push(' '),
            _ => {}
        }
    }
    text.push_str(&one_blank(rest));
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// White space between words is one blank, and a line break of the source is white space.
fn one_blank(text: &str) -> String {
    let text = text.replace(char::is_whitespace, " ");
    [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

fn bracketed(text: &mut String, tag: &str, name: &str) {
    if let Some(value) = attribute(tag, name).filter(|value| !value.is_empty()) {
        text.push_str(&format!(" [{}] ", one_blank(value)));
    }
}

/// The value of an attribute in quotation marks.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_shows_is_left() {
        let page = "<html><head><title>Hilfe</title>\n<script>if (1 < 2) {}</script>\n<style>p {}</style></head><body>\n<!-- no\n<p>no -->\
            <h1>Will&nbsp;kommen</h1><p>Montag <b>bis</b>\nFreitag\n<p><img src=\"x\" alt=\"Bild\"> \
            <input type=\"submit\" value=\"Los &amp; fort\"><input type=\"hidden\" value=\"no\"><a href=\"#\">Zurück</a></body>";
        assert_eq!(
            visible_text(page),
            "Hilfe\nWill kommen\nMontag bis Freitag\n[Bild] [Los & fort] Zurück"
        );
    }

    #[test]
    fn a_page_that_breaks_off_ends_there() {
        assert_eq!(visible_text("<p>one<p two"), "one");
        assert_eq!(visible_text("one<script>two"), "one");
    }
}
