//! A simulated site on loopback, for trying and rehearsing.
