//! What `wit-bindgen` makes of the WIT package.

wit_bindgen::generate!({
    world: "plugin",
    path: "../wit",
    pub_export_macro: true,
});
