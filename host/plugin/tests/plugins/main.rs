//! Plugins, good and hostile, made from short texts at test time.

mod caching;
mod guests;
mod hostile;
mod loading;
mod running;
mod surroundings;
mod telling;
