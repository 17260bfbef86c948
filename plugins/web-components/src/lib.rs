//! Procedures for the web components of a contact center (guide, sections 4.4 and 4.6).
//!
//! Pure parts, without a call to the host:
//! - [`scan`], [`splice`]: a page's tokens with their places, and replacing them
//! - [`po`], [`catalogue`]: the translators' files
//! - [`translate`], [`declare`], [`links`]: a page's texts, declarations and references
//! - [`pages`]: a whole page in its new language
//! - [`capture`], [`rules`]: the fields of the capture page, and what their values may be
//! - [`callback`]: the error codes of web callbacks, and requests checked before they are sent

pub mod callback;
pub mod capture;
pub mod catalogue;
pub mod declare;
pub mod links;
pub mod pages;
pub mod po;
pub mod rules;
pub mod scan;
pub mod splice;
pub mod translate;
