//! The crash matrix: each procedure, killed by a real `SIGKILL` at every point of every call, and gone on with, ends as if
//! nobody had disturbed it.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::Site;
use procedo_tests::kill::{Kill, Matrix, Point};

const LOCALIZE: &[&str] =
    &["run", "web/localize-components", "-p", "language=deutsch", "-p", "lang=de", "-p", "catalogue=deutsch.po"];
const BY_SCRIPT: &[&str] = &[
    "run", "web/localize-components-script", "-p", "language=deutsch", "-p", "lang=de", "-p", "catalogue=deutsch.po",
];

fn at(matrix: &Matrix, wanted: impl Fn(&Kill) -> bool) -> Vec<Kill> {
    matrix.kills().into_iter().filter(wanted).collect()
}

/// The points of localising, spread over tests that run beside each other.
#[track_caller]
fn localized(point: Point) {
    let matrix = Matrix::new(Site::lab_up(), LOCALIZE);
    matrix.survive(&at(&matrix, |kill| kill.point == point));
}

#[test]
fn localising_survives_being_killed_before_each_intent() {
    localized(Point::BeforeIntent);
}

#[test]
fn localising_survives_being_killed_between_each_intent_and_its_effect() {
    localized(Point::AfterIntent);
}

#[test]
fn localising_survives_being_killed_between_each_effect_and_its_outcome() {
    localized(Point::AfterEffect);
}

#[test]
fn localising_survives_being_killed_after_each_outcome() {
    localized(Point::AfterOutcome);
}

#[test]
fn localising_by_a_script_survives_being_killed_in_its_first_half() {
    let matrix = Matrix::new(Site::lab_up(), BY_SCRIPT);
    let kills = matrix.kills();
    matrix.survive(&kills[..kills.len() / 2]);
}

#[test]
fn localising_by_a_script_survives_being_killed_in_its_second_half() {
    let matrix = Matrix::new(Site::lab_up(), BY_SCRIPT);
    let kills = matrix.kills();
    matrix.survive(&kills[kills.len() / 2..]);
}
