//! Programs that tests need and Procedo does not: each with the reason, and where it comes from.

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{apt, process};

/// A program that some tests start.
struct Need {
    /// Its names on the `PATH`; any of them serves.
    programs: &'static [&'static str],
    /// Debian's package of it.
    package: &'static str,
    /// The tests that cannot run without it.
    tests: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        programs: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        tests: "those that open a localised page in a browser",
    },
    Need {
        // Debian keeps it where only the path of the superuser leads.
        programs: &["sshd", "/usr/sbin/sshd"],
        package: "openssh-server",
        tests: "those that reach a machine through a real SSH server",
    },
    Need {
        programs: &["ssh"],
        package: "openssh-client",
        tests: "those that reach a machine through a real SSH server",
    },
    Need {
        // Debian keeps PostgreSQL's own programs apart by version; this one chooses among them.
        programs: &["pg_ctlcluster"],
        package: "postgresql",
        tests: "those that start a PostgreSQL",
    },
    Need {
        programs: &["pgbackrest"],
        package: "pgbackrest",
        tests: "those of the driver postgresql",
    },
];

/// What stands between this machine and running all tests.
#[derive(Debug, PartialEq, Eq)]
enum Lack {
    Nothing,
    Packages(Vec<&'static str>),
    /// It cannot be mended from here; the sentences say what is missing and which tests cannot run.
    Programs(Vec<String>),
}

/// Installs what is missing, or says that it has to be installed and for which tests.
pub fn provide(project: &Project) -> Result<()> {
    let packages = match lack(NEEDS, process::on_path, apt::usable()) {
        Lack::Nothing => return Ok(()),
        Lack::Packages(packages) => packages,
        Lack::Programs(sentences) => bail!("{}", sentences.join("\n")),
    };
    apt::install(project, &packages)?;
    match lack(NEEDS, process::on_path, false) {
        Lack::Programs(sentences) => bail!("{}", sentences.join("\n")),
        Lack::Nothing | Lack::Packages(_) => Ok(()),
    }
}

fn lack(needs: &[Need], there: impl Fn(&str) -> bool, installable: bool) -> Lack {
    let missing: Vec<&Need> = needs
        .iter()
        .filter(|need| !need.programs.iter().any(|program| there(program)))
        .collect();
    if missing.is_empty() {
        Lack::Nothing
    } else if installable {
        Lack::Packages(missing.iter().map(|need| need.package).collect())
    } else {
        let sentence = |need: &&Need| {
            let programs = need.programs.join(" or ");
            format!(
                "{programs} is not on the PATH: install it (Debian: {}); without it {} cannot run",
                need.package, need.tests
            )
        };
        Lack::Programs(missing.iter().map(sentence).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &[Need] = &[Need {
        programs: &["chromium", "chrome"],
        package: "chromium",
        tests: "the browser's",
    }];

    #[test]
    fn one_of_a_programs_names_is_enough() {
        assert_eq!(lack(BROWSER, |program| program == "chrome", true), Lack::Nothing);
    }

    #[test]
    fn a_missing_program_is_installed_where_that_is_possible() {
        assert_eq!(lack(BROWSER, |_| false, true), Lack::Packages(vec!["chromium"]));
    }

    #[test]
    fn elsewhere_the_sentence_names_program_package_and_tests() {
        let sentence = "chromium or chrome is not on the PATH: install it (Debian: chromium); without it the browser's \
                        cannot run";
        assert_eq!(
            lack(BROWSER, |_| false, false),
            Lack::Programs(vec![sentence.to_owned()])
        );
    }
}
