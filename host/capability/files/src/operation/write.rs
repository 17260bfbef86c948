//! Writing text: `write` and `edit`.

use crate::alter::{Alteration, Intention};
use crate::diff;
use crate::operation::look::text_error;
use crate::path::{RelPath, shown};
use crate::root::Meta;
use crate::text::{self, Form, LineEnd};
use crate::tree::{FileItem, Item, too_large};
use crate::view::{Found, Last, View};
use procedo_core::effect::Effect;
use procedo_core::message::Message;
use procedo_core::value::Digest;
use procedo_core::{Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to write a file; what is absent is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WriteOptions {
    /// The encoding, by its WHATWG label.
    pub encoding: Option<String>,
    /// Whether to start with a byte order mark.
    pub bom: Option<bool>,
    /// `lf` or `crlf`: every line end of the text is turned into it.
    pub line_end: Option<LineEnd>,
    /// Write only if the existing file still has this digest; empty: only if there is none.
    pub expect: Option<String>,
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextEdit {
    /// The text to look for.
    pub find: String,
    /// What to put in its place.
    pub replacement: String,
    /// How often it must occur; absent means once.
    pub count: Option<u32>,
}

/// The arguments of `write`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct WriteArgs {
    root: String,
    path: String,
    text: String,
    options: Option<WriteOptions>,
}

/// The arguments of `edit`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct EditArgs {
    root: String,
    path: String,
    edits: Vec<TextEdit>,
}

/// Writes a text file whole.
pub(crate) struct Write;

/// Replaces texts in a file.
pub(crate) struct Edit;

impl Alteration for Write {
    type Args = WriteArgs;

    fn root(args: &WriteArgs) -> &str {
        &args.root
    }

    fn effect(_args: &WriteArgs) -> Effect {
        Effect::Write
    }

    fn intend(view: &View<'_>, args: &WriteArgs) -> Result<Option<Intention>> {
        let given = RelPath::parse(&args.root, &args.path)?;
        let path = view.resolve(&given, Last::Follow)?;
        view.expect_parent(&path)?;
        let (old, meta) = match view.at(&path)? {
            Found::Absent => (None, Meta::default()),
            _ => {
                let file = view.file(&path)?;
                let limit = view.root.settings.max_file_bytes;
                let old = file.bytes(&args.root, &path, view.blobs, view.stop, limit)?;
                (Some(old), file.meta)
            }
        };
        let options = args.options.clone().unwrap_or_default();
        let (bytes, text) = compose(view, &path, old.as_deref(), &args.text, &options)?;
        if old.as_deref() == Some(&bytes) {
            return Ok(None);
        }
        let summary = if old.is_some() {
            "files-change-replace"
        } else {
            "files-change-create"
        };
        Ok(Some(Intention {
            target: given.as_str().to_owned(),
            summary: Message::new(summary).with("path", &given),
            diff: diff::unified(&given, old.as_deref(), &text),
            weight: (1, bytes.len() as u64),
            after: vec![(String::new(), Item::File(FileItem::of(bytes, meta)))],
            path,
        }))
    }
}

/// The bytes to write for a text in place of old ones, and the text as it will be read again.
pub(crate) fn compose(
    view: &View<'_>,
    path: &RelPath,
    old: Option<&[u8]>,
    text: &str,
    options: &WriteOptions,
) -> Result<(Vec<u8>, String)> {
    if let Some(expected) = &options.expect {
        let found = old.map(|bytes| Digest::of(bytes).to_string()).unwrap_or_default();
        if *expected != found {
            let kind = |digest: &str| if digest.is_empty() { "absent" } else { "regular" };
            let short = |digest: &str| shown(&digest.chars().take(12).collect::<String>());
            return Err(view
                .error(Kind::Conflict, "P0314", path)
                .with("expected", kind(expected))
                .with("expected-digest", short(expected))
                .with("found", kind(&found))
                .with("found-digest", short(&found)));
        }
    }
    let told = |error| text_error(view, path, error);
    let kept = old.map(|bytes| text::form_of(bytes, None));
    let said = options
        .encoding
        .as_deref()
        .map(text::encoding)
        .transpose()
        .map_err(told)?;
    let encoding = said
        .or(kept.map(|form| form.encoding))
        .unwrap_or(Form::PLAIN.encoding);
    let kept_bom = kept.is_some_and(|form| form.bom) && text::has_mark(encoding);
    let form = Form {
        encoding,
        bom: options.bom.unwrap_or(kept_bom),
    };
    let line_end = match (options.line_end, old.zip(kept)) {
        (Some(LineEnd::Mixed | LineEnd::None), _) => return Err(view.error(Kind::Invalid, "P0322", path)),
        (Some(line_end), _) => line_end,
        (None, Some((bytes, form))) => text::line_end_of(&text::decode(bytes, form).map_err(told)?),
        (None, None) => LineEnd::None,
    };
    let text = text::with_line_end(text, line_end);
    let bytes = text::encode(&text, form).map_err(told)?;
    let limit = view.root.settings.max_file_bytes;
    if bytes.len() as u64 > limit {
        return Err(too_large(&view.root.name, path, bytes.len() as u64, limit));
    }
    Ok((bytes, text))
}

impl Alteration for Edit {
    type Args = EditArgs;

    fn root(args: &EditArgs) -> &str {
        &args.root
    }

    fn effect(_args: &EditArgs) -> Effect {
        Effect::Write
    }

    fn intend(view: &View<'_>, args: &EditArgs) -> Result<Option<Intention>> {
        let given = RelPath::parse(&args.root, &args.path)?;
        let path = view.resolve(&given, Last::Follow)?;
        let file = view.file(&path)?;
        let limit = view.root.settings.max_file_bytes;
        let old = file.bytes(&args.root, &path, view.blobs, view.stop, limit)?;
        let told = |error| text_error(view, &path, error);
        let form = text::form_of(&old, None);
        let mut text = text::decode(&old, form).map_err(told)?;
        if text::encode(&text, form).ok().as_deref() != Some(&*old) {
            // The encoding has two ways to write a character: other bytes than the edited ones would change.
            return Err(view
                .error(Kind::NotSupported, "P0325", &path)
                .with("encoding", form.encoding.name()));
        }
        let line_end = text::line_end_of(&text);
        for edit in &args.edits {
            text = apply(view, &path, &text, edit, line_end)?;
            if text.len() as u64 > limit.saturating_mul(4) {
                return Err(too_large(&args.root, &path, text.len() as u64, limit));
            }
        }
        let bytes = text::encode(&text, form).map_err(told)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(&args.root, &path, bytes.len() as u64, limit));
        }
        if *bytes == *old {
            return Ok(None);
        }
        Ok(Some(Intention {
            target: given.as_str().to_owned(),
            summary: Message::new("files-change-replace").with("path", &given),
            diff: diff::unified(&given, Some(&old), &text),
            weight: (1, bytes.len() as u64),
            after: vec![(String::new(), Item::File(FileItem::of(bytes, file.meta)))],
            path,
        }))
    }
}

/// The text after one edit. Line ends of the edit are those of the file, where it has one kind only.
fn apply(view: &View<'_>, path: &RelPath, text: &str, edit: &TextEdit, line_end: LineEnd) -> Result<String> {
    if edit.find.is_empty() {
        return Err(view.error(Kind::Invalid, "P0324", path));
    }
    let find = text::with_line_end(&edit.find, line_end);
    let expected = edit.count.unwrap_or(1) as usize;
    let found = text.matches(&find).count();
    if found != expected {
        return Err(view
            .error(Kind::Conflict, "P0323", path)
            .with("find", shown(&edit.find))
            .with("expected", expected)
            .with("found", found));
    }
    Ok(text.replace(&find, &text::with_line_end(&edit.replacement, line_end)))
}
