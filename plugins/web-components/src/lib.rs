//! Procedures for the web components of a contact center (guide, sections 4.4 and 4.6).
//!
//! The procedures, thin over the rest:
//! - `web/localize-components` in [`localize`], with [`prepare`]: all that is decided before the first change
//! - `web/customize-capture-page` in [`customize`]
//! - `web/explain-callback-error` in [`explain`]
//! - `web/check-callback-request` in [`request`]
//! - [`told`], [`schema`]: what they tell people
//!
//! Pure parts, without a call to the host:
//! - [`scan`], [`splice`]: a page's tokens with their places, and replacing them
//! - [`po`], [`catalogue`]: the translators' files
//! - [`translate`], [`declare`], [`links`]: a page's texts, declarations and references
//! - [`pages`]: a whole page in its new language
//! - [`served`]: what a web server delivers of it
//! - [`capture`], [`rules`]: the fields of the capture page, and what their values may be
//! - [`callback`]: the error codes of web callbacks, and requests checked before they are sent

pub mod callback;
pub mod capture;
pub mod catalogue;
pub mod customize;
pub mod declare;
pub mod explain;
pub mod links;
pub mod localize;
pub mod pages;
pub mod po;
pub mod prepare;
#[cfg(test)]
mod prepare_test;
pub mod request;
pub mod rules;
pub mod scan;
pub mod schema;
pub mod served;
pub mod splice;
#[cfg(test)]
mod texts_test;
pub mod told;
pub mod translate;

procedo_sdk::plugin!(
    localize::procedure(),
    customize::procedure(),
    explain::procedure(),
    request::procedure()
);
