//! Who sits at the command line: an OS account, or whoever shows a personal token.

use crate::output::{Output, ask, err};
use procedo_core::Result;
use procedo_core::run::Actor;
use procedo_core::site::{Role, Site};
use std::path::Path;

/// The variable that holds a personal token.
pub const TOKEN_VARIABLE: &str = "PROCEDO_TOKEN";

/// A person with the role that the site gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub role: Role,
    /// Whether they showed a token; else the operating system vouches for them.
    pub by_token: bool,
}

impl Person {
    /// The person as journals name them.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.name.clone())
    }

    /// `P0506` if the role does not reach.
    pub fn must_be(&self, role: Role) -> Result<()> {
        if self.role >= role {
            return Ok(());
        }
        Err(err!(
            Denied,
            "P0506",
            person = self.name,
            role = role_name(self.role),
            needed = role_name(role)
        ))
    }
}

/// The word of `procedo.toml`.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Approver => "approver",
        Role::Admin => "admin",
    }
}

/// The name of the OS account that runs this process; its number if the system knows no name.
pub fn account() -> String {
    let uid = nix::unistd::Uid::effective();
    match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

/// The token of a file or of the environment, if one is given.
pub fn given_token(file: Option<&Path>) -> Result<Option<String>> {
    let token = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| err!(Invalid, "P0003", path = path.display(), reason = error))?;
            Some(text)
        }
        None => std::env::var(TOKEN_VARIABLE).ok(),
    };
    Ok(token
        .map(|token| token.trim().to_owned())
        .filter(|token| !token.is_empty()))
}

/// Who is behind this command.
pub fn present(site: &Site, token_file: Option<&Path>) -> Result<Person> {
    match given_token(token_file)? {
        Some(token) => of_token(site, &token),
        None => {
            let (name, role) = site.person_of_account(&account());
            Ok(Person {
                name,
                role,
                by_token: false,
            })
        }
    }
}

/// The person whom a token belongs to; `P0503` if it is nobody's.
pub fn of_token(site: &Site, token: &str) -> Result<Person> {
    let (name, role) = site
        .person_of_token(token.trim())
        .ok_or_else(|| err!(Denied, "P0503"))?;
    Ok(Person {
        name,
        role,
        by_token: true,
    })
}

/// Who decides about an approval: someone with the role and their token. A site that lists nobody trusts the account, unless
/// a second person is needed. `starter` is who may not decide alone.
pub fn approver(
    site: &Site,
    person: &Person,
    second_person: bool,
    starter: &Actor,
    output: &Output,
) -> Result<Person> {
    let counts = person.role >= Role::Approver && !(second_person && person.actor() == *starter);
    let trusted = person.by_token || (site.user.is_empty() && !second_person);
    // Whoever showed a token that does not count is told so, unless somebody else can be asked for theirs.
    if trusted && (counts || !output.can_ask()) {
        person.must_be(Role::Approver)?;
        return Ok(person.clone());
    }
    if site.user.values().all(|user| user.token.is_none()) {
        return Err(err!(Denied, "P0510"));
    }
    if !output.can_ask() {
        return Err(err!(Denied, "P0504", variable = TOKEN_VARIABLE));
    }
    let token = ask::hidden(&output.word("ask-token")).unwrap_or_default();
    if token.trim().is_empty() {
        return Err(err!(Denied, "P0504", variable = TOKEN_VARIABLE));
    }
    let person = of_token(site, &token)?;
    person.must_be(Role::Approver)?;
    Ok(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reaches_for_what_is_below_it_only() {
        let approver = Person {
            name: "ana".to_owned(),
            role: Role::Approver,
            by_token: true,
        };
        assert!(approver.must_be(Role::Viewer).is_ok() && approver.must_be(Role::Approver).is_ok());
        let error = approver
            .must_be(Role::Admin)
            .expect_err("an approver is no admin");
        assert_eq!(
            (error.code.as_str(), error.message.args["needed"].as_str()),
            ("P0506", "admin")
        );
    }
}
