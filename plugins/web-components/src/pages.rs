//! A whole page in its new language: the texts, its declarations, and its references.

use crate::catalogue::Catalogue;
use crate::declare;
use crate::links::{Found, Renaming, retarget};
use crate::scan::{ScanError, scan};
use crate::splice::Edits;
use crate::translate::{self, Outcome, visible};

/// A page in its new language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its text.
    pub text: String,
    /// What became of its texts.
    pub outcome: Outcome,
    /// What became of its references.
    pub found: Found,
}

/// Puts a page into its new language. `name` is its path below the language folder (or below the folder of the pages),
/// `folder` the parts of the folder it stands in, `tag` the language's BCP 47 tag.
pub fn localize(
    name: &str,
    page: &str,
    folder: &[String],
    catalogue: &Catalogue,
    renaming: &Renaming,
    tag: &str,
) -> Result<Page, ScanError> {
    let pieces = scan(page)?;
    let mut edits = Edits::default();
    declare::utf8(page, &pieces, &mut edits);
    declare::language(page, &pieces, tag, &mut edits);
    let shown = |tag: &crate::scan::Tag, name: &str| visible(tag).any(|attribute| attribute.name == name);
    let found = retarget(page, &pieces, folder, renaming, shown, &mut edits);
    let mut outcome = translate::attributes(name, page, &pieces, catalogue, &mut edits);
    let (text, of_texts) = translate::texts(name, &edits.apply(page), catalogue)?;
    outcome.merge(of_texts);
    Ok(Page { text, outcome, found })
}

/// What a file of the source language is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A page, which is translated.
    Page,
    /// A script or style sheet, which a page in UTF-8 reads as UTF-8 unless it says otherwise.
    Text,
    /// Anything else, which is copied byte for byte.
    Other,
}

/// What a file is, by the end of its name.
pub fn kind(path: &str) -> FileKind {
    let extension = path
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("htm" | "html" | "xhtml" | "shtml") => FileKind::Page,
        Some("js" | "css") => FileKind::Text,
        _ => FileKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::po;
    use proptest::prelude::*;

    fn renaming() -> Renaming {
        Renaming {
            html: vec!["html".to_owned()],
            source: "english".to_owned(),
            target: "deutsch".to_owned(),
            mains: vec![("WCMain.htm".to_owned(), "WCDeutsch.htm".to_owned())],
            files: ["capturewcdata.htm".to_owned()].into(),
        }
    }

    fn localized(page: &str, catalogue: &Catalogue) -> Page {
        let folder = ["html".to_owned(), "english".to_owned()];
        localize("CaptureWCData.htm", page, &folder, catalogue, &renaming(), "de").expect("readable")
    }

    #[test]
    fn a_capture_page_is_put_into_german() {
        let catalogue = Catalogue::of_po(
            &po::parse(
                "msgid \"Request a session\"\nmsgstr \"Sitzung anfordern\"\n\nmsgid \"Your name:\"\nmsgstr \"Ihr Name:\"\n\n\
                 msgid \"Send\"\nmsgstr \"Übermitteln\"\n\nmsgid \"Questions? <a>Ask us</a>.\"\nmsgstr \"<a>Fragen Sie</a> – für alles.\"\n",
            )
            .expect("valid"),
        );
        let page = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\r\n<HTML>\r\n<HEAD>\r\n\
            <META http-equiv=Content-Type content=\"text/html; charset=iso-8859-1\">\r\n<TITLE>Request a session</TITLE>\r\n\
            <SCRIPT language=JavaScript src=\"check.js\"></SCRIPT>\r\n<!-- Send -->\r\n</HEAD>\r\n\
            <BODY background='../images/english/back.gif' onLoad=\"init('Send')\">\r\n<FORM action=\"/HPPC/hppcwis.dll\" method=post>\r\n\
            <INPUT type=hidden name=varUserRequest value=REQ_WEBCHAT_START>\r\n<INPUT type=hidden name=varUserLanguage value=english>\r\n\
            Your name: <INPUT name=varCustomerName>\r\n<P>Questions? <A HREF=\"../WCMain.htm\" >Ask us</A>.\r\n\
            <P>Opening hours\r\n<INPUT type=submit value=\"Send\">\r\n</FORM>\r\n</BODY>\r\n</HTML>\r\n";
        let out = localized(page, &catalogue);
        insta::assert_snapshot!(out.text.replace("\r\n", "⏎\n"), @r#"
        <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">⏎
        <HTML lang="de">⏎
        <HEAD>⏎
        <META http-equiv=Content-Type content="text/html; charset=utf-8">⏎
        <TITLE>Sitzung anfordern</TITLE>⏎
        <SCRIPT language=JavaScript src="check.js"></SCRIPT>⏎
        <!-- Send -->⏎
        </HEAD>⏎
        <BODY background='../images/english/back.gif' onLoad="init('Send')">⏎
        <FORM action="/HPPC/hppcwis.dll" method=post>⏎
        <INPUT type=hidden name=varUserRequest value=REQ_WEBCHAT_START>⏎
        <INPUT type=hidden name=varUserLanguage value=deutsch>⏎
        Ihr Name: <INPUT name=varCustomerName>⏎
        <P><A HREF="../WCDeutsch.htm" >Fragen Sie</A> – für alles.⏎
        <P>Opening hours⏎
        <INPUT type=submit value="Übermitteln">⏎
        </FORM>⏎
        </BODY>⏎
        </HTML>⏎
        "#);
        assert_eq!(out.outcome.translated, 4);
        assert_eq!(out.outcome.untranslated, ["Opening hours"]);
        assert_eq!(
            out.found,
            Found {
                references: 1,
                languages: 1
            }
        );
    }

    #[test]
    fn frames_keep_their_sources() {
        let page = "<html lang=de><head><meta charset=utf-8></head><frameset cols='*,*'><frame src=\"left.htm\" title=\"Left\">\
                    <frame src='CaptureWCData.htm'><noframes><body>No frames</body></noframes></frameset></html>";
        let out = localized(page, &Catalogue::default());
        assert_eq!(out.text, page);
        assert_eq!(out.outcome.untranslated, ["Left", "No frames"]);
    }

    proptest! {
        /// Running it on its own output changes nothing, whatever the page is.
        #[test]
        fn a_page_without_translations_is_declared_once(body in "(<[a-z/]{0,3}|[a-z]{1,6}[ =]|[\"'>&;]|<b>|</b>|<meta |charset=x|<html|<head>|\\PC){0,40}") {
            let once = localized(&body, &Catalogue::default()).text;
            let twice = localized(&once, &Catalogue::default()).text;
            prop_assert_eq!(&twice, &once);
        }
    }
}
