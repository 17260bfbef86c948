//! What the parameters of the capture page and the names of folders and pages may be (guide, sections 4.4.1 and 4.4.2).

use serde::Serialize;

/// A parameter of `CaptureWCData.htm` that a site may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The folder of the pages of the session.
    UserLanguage,
    /// The web collaboration language, as Manager defines it.
    HppcLanguage,
    /// The priority of the contact.
    SessionPriority,
    /// The customer's name.
    CustomerName,
    /// Where the contact comes from.
    Source,
    /// Where the contact goes to.
    Destination,
    /// The customer's question.
    Caption,
    /// The business unit, where there are several tenants.
    BusinessUnitName,
}

impl Setting {
    /// All of them, in the order of the guide.
    pub const ALL: [Self; 8] = [
        Self::UserLanguage,
        Self::HppcLanguage,
        Self::SessionPriority,
        Self::CustomerName,
        Self::Source,
        Self::Destination,
        Self::Caption,
        Self::BusinessUnitName,
    ];

    /// The name of the page's field.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserLanguage => "varUserLanguage",
            Self::HppcLanguage => "varHPPCLanguage",
            Self::SessionPriority => "varSessionPriority",
            Self::CustomerName => "varCustomerName",
            Self::Source => "varSource",
            Self::Destination => "varDestination",
            Self::Caption => "varCaption",
            Self::BusinessUnitName => "varBusinessUnitName",
        }
    }

    /// The setting of a field's name, letter case aside.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|setting| setting.name().eq_ignore_ascii_case(name))
    }
}

/// How a value breaks a rule. Positions count characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Violation {
    /// There is nothing where something must be.
    Empty,
    /// A character that may not occur.
    Character {
        /// The character.
        character: char,
        /// Where it stands.
        position: usize,
    },
    /// Too many characters.
    Length {
        /// How many there are.
        length: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Not a whole number within its limits.
    Range {
        /// The smallest.
        from: i64,
        /// The largest.
        to: i64,
    },
    /// None of the values that the site allows.
    NotListed {
        /// Those values.
        allowed: Vec<String>,
    },
    /// A name that Windows keeps for devices.
    Device,
    /// The wrong ending of a file's name.
    Ending,
}

/// The smallest and the largest priority of a contact.
pub const PRIORITY: (i64, i64) = (1, 100);

/// The ASCII characters that a contact's source may not have, besides those that are not printable.
pub const FORBIDDEN_IN_SOURCE: [char; 8] = ['`', '*', ',', '"', '!', '%', '|', '_'];

fn first(text: &str, wrong: impl Fn(char) -> bool) -> Result<(), Violation> {
    match text.chars().enumerate().find(|(_, c)| wrong(*c)) {
        Some((index, character)) => Err(Violation::Character {
            character,
            position: index + 1,
        }),
        None => Ok(()),
    }
}

/// Checks a value of a setting. `allowed` are the values that Manager defines, where the site has told them.
pub fn check(setting: Setting, value: &str, allowed: &[String]) -> Result<(), Violation> {
    first(value, char::is_control)?;
    match setting {
        Setting::UserLanguage => folder(value)?,
        Setting::SessionPriority => priority(value)?,
        Setting::Source => first(value, |c| {
            !matches!(c, ' '..='~') || FORBIDDEN_IN_SOURCE.contains(&c)
        })?,
        Setting::HppcLanguage if value.is_empty() => return Err(Violation::Empty),
        _ => {}
    }
    if allowed.is_empty() || allowed.iter().any(|allowed| allowed == value) {
        return Ok(());
    }
    // A site with one tenant leaves the business unit out.
    if setting == Setting::BusinessUnitName && value.is_empty() {
        return Ok(());
    }
    Err(Violation::NotListed {
        allowed: allowed.to_vec(),
    })
}

fn priority(value: &str) -> Result<(), Violation> {
    let (from, to) = PRIORITY;
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    match value.parse::<i64>() {
        Ok(number) if digits && (from..=to).contains(&number) => Ok(()),
        _ => Err(Violation::Range { from, to }),
    }
}

/// Checks the name of a language's folder: it becomes part of URLs and of paths on Windows.
pub fn folder(name: &str) -> Result<(), Violation> {
    if name.is_empty() {
        return Err(Violation::Empty);
    }
    first(name, |c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))?;
    if name.len() > 64 {
        return Err(Violation::Length {
            length: name.len(),
            limit: 64,
        });
    }
    if is_device(name) {
        Err(Violation::Device)
    } else {
        Ok(())
    }
}

/// Checks the name of a folder that is there already, whatever somebody called it.
pub fn existing_folder(name: &str) -> Result<(), Violation> {
    if matches!(name, "" | "." | "..") {
        return Err(Violation::Empty);
    }
    first(name, |c| c.is_control() || matches!(c, '/' | '\\'))
}

/// Checks the name of a page.
pub fn page(name: &str) -> Result<(), Violation> {
    let lower = name.to_ascii_lowercase();
    let stem = lower.strip_suffix(".htm").or_else(|| lower.strip_suffix(".html"));
    match stem {
        None => Err(Violation::Ending),
        Some(stem) => folder(stem).map_err(|violation| match violation {
            // Told as it is written.
            Violation::Character { position, .. } => Violation::Character {
                character: name.chars().nth(position - 1).unwrap_or_default(),
                position,
            },
            other => other,
        }),
    }
}

/// The names that Windows reserves whatever ending follows (Microsoft, “Naming Files, Paths, and Namespaces”).
fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(name.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Checks the name of an additional field, which becomes a key of the contact data.
pub fn key(name: &str) -> Result<(), Violation> {
    if name.is_empty() {
        return Err(Violation::Empty);
    }
    first(name, |c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    let length = name.chars().count();
    if length > 64 {
        Err(Violation::Length { length, limit: 64 })
    } else {
        Ok(())
    }
}

/// Checks the value of an additional field.
pub fn key_value(value: &str) -> Result<(), Violation> {
    first(value, char::is_control)
}

/// The name of the main page of a language: `WCDeutsch.htm` for `deutsch`.
pub fn main_page(folder: &str) -> String {
    let mut letters = folder.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    format!(
        "WC{}{}.htm",
        first.map(String::from).unwrap_or_default(),
        letters.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(character: char, position: usize) -> Result<(), Violation> {
        Err(Violation::Character { character, position })
    }

    #[test]
    fn the_source_of_a_contact_is_printable_ascii_without_the_eight_characters() {
        assert_eq!(check(Setting::Source, "Web (main) #1 ~", &[]), Ok(()));
        for (index, c) in FORBIDDEN_IN_SOURCE.into_iter().enumerate() {
            let value = format!("{}{c}x", "a".repeat(index));
            assert_eq!(check(Setting::Source, &value, &[]), at(c, index + 1));
        }
        assert_eq!(check(Setting::Source, "Büro", &[]), at('ü', 2));
        assert_eq!(check(Setting::Source, "a\u{7f}", &[]), at('\u{7f}', 2));
        assert_eq!(check(Setting::Source, "a😀", &[]), at('😀', 2));
    }

    #[test]
    fn a_priority_is_a_whole_number_from_1_to_100() {
        for value in ["1", "50", "100"] {
            assert_eq!(check(Setting::SessionPriority, value, &[]), Ok(()));
        }
        for value in [
            "0",
            "101",
            "-1",
            "+5",
            "1.5",
            "",
            "ten",
            "99999999999999999999",
            "５",
        ] {
            assert_eq!(
                check(Setting::SessionPriority, value, &[]),
                Err(Violation::Range { from: 1, to: 100 }),
                "{value}"
            );
        }
    }

    #[test]
    fn names_and_questions_may_be_anything_that_can_stand_on_a_page() {
        let value = "Zoë \"Ñandú\" <b> 你好 😀 ".repeat(100);
        assert_eq!(check(Setting::CustomerName, &value, &[]), Ok(()));
        assert_eq!(check(Setting::Caption, &value, &[]), Ok(()));
        assert_eq!(check(Setting::Caption, "a\nb", &[]), at('\n', 2));
    }

    #[test]
    fn a_value_that_manager_does_not_define_is_refused_where_its_values_are_told() {
        let allowed = ["German".to_owned(), "English".to_owned()];
        assert_eq!(check(Setting::HppcLanguage, "German", &allowed), Ok(()));
        assert_eq!(
            check(Setting::HppcLanguage, "german", &allowed),
            Err(Violation::NotListed {
                allowed: allowed.to_vec()
            })
        );
        assert_eq!(check(Setting::HppcLanguage, "", &[]), Err(Violation::Empty));
        assert_eq!(check(Setting::BusinessUnitName, "", &allowed), Ok(()));
    }

    #[test]
    fn a_folder_can_stand_in_a_url_and_on_windows() {
        assert_eq!(folder("deutsch"), Ok(()));
        assert_eq!(folder(""), Err(Violation::Empty));
        assert_eq!(folder("../x"), at('.', 1));
        assert_eq!(folder("español"), at('ñ', 5));
        assert_eq!(folder("a\nb"), at('\n', 2));
        assert_eq!(folder("Com1"), Err(Violation::Device));
        assert_eq!(
            folder(&"a".repeat(65)),
            Err(Violation::Length {
                length: 65,
                limit: 64
            })
        );
        assert_eq!(existing_folder("español"), Ok(()));
        assert_eq!(existing_folder("a/b"), at('/', 2));
        assert_eq!(existing_folder(".."), Err(Violation::Empty));
        assert_eq!(page("WCDeutsch.HTM"), Ok(()));
        assert_eq!(page("WC Deutsch.htm"), at(' ', 3));
        assert_eq!(page("WCDeutsch.asp"), Err(Violation::Ending));
        assert_eq!(page(".htm"), Err(Violation::Empty));
    }

    #[test]
    fn the_main_page_is_named_after_the_folder() {
        assert_eq!(main_page("deutsch"), "WCDeutsch.htm");
        assert_eq!(page(&main_page("pt-br")), Ok(()));
    }

    proptest! {
        #[test]
        fn the_character_told_is_the_one_at_the_position_told(value in "\\PC{0,20}") {
            if let Err(Violation::Character { character, position }) = check(Setting::Source, &value, &[]) {
                prop_assert_eq!(value.chars().nth(position - 1), Some(character));
                prop_assert!(check(Setting::Source, &value.chars().take(position - 1).collect::<String>(), &[]).is_ok());
            }
        }
    }
}
