//! End-to-end tests: real servers, crash matrix, hostile plugins, browser.
