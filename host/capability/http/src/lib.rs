//! The capability http: requests to the origins that a site grants.
