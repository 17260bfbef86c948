//! Accounts of a server, and the three places that hold a password: the account, the services that log on with it, and the
//! start-up configuration. None holds the password itself: each holds a salted hash, with the salt of the account, so that
//! two places can be compared and none can be read.

use crate::machine::{Home, Said, about};
use crate::site::replace;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The line of the start-up configuration that names the account of the database server.
const STARTUP_ACCOUNT: &str = "DatabaseServerAccount";
/// The line with what it holds of that account's password.
const STARTUP_PASSWORD: &str = "DatabaseServerPassword";
/// How often a password is hashed.
const ROUNDS: u32 = 500;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Account {
    salt: String,
    hash: String,
}

/// The accounts of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Accounts(BTreeMap<String, Account>);

impl Accounts {
    /// Reads them.
    pub fn read(home: &Home) -> Said<Self> {
        let path = home.accounts_file();
        let text = std::fs::read_to_string(&path).map_err(about(&path))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Adds an account with a salt and a password.
    pub fn add(&mut self, name: &str, salt: &str, password: &str) {
        let account = Account {
            salt: salt.to_owned(),
            hash: hash(salt, password),
        };
        self.0.insert(name.to_owned(), account);
    }

    /// Writes them.
    pub fn write(&self, home: &Home) -> Said<()> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let path = home.accounts_file();
        replace(&path, text.as_bytes()).map_err(|error| error.to_string())
    }

    fn get(&self, name: &str) -> Said<&Account> {
        self.0
            .get(name)
            .ok_or_else(|| format!("there is no account {name}"))
    }

    /// What a place would hold of a password of the account.
    pub fn held(&self, name: &str, password: &str) -> Said<String> {
        self.get(name).map(|account| hash(&account.salt, password))
    }

    /// Whether a password is the account's.
    pub fn is(&self, name: &str, password: &str) -> Said<bool> {
        Ok(self.get(name)?.hash == self.held(name, password)?)
    }

    /// Whether what a place holds is the account's password.
    pub fn matches(&self, name: &str, held: &str) -> Said<bool> {
        Ok(self.get(name)?.hash == held.trim())
    }
}

fn hash(salt: &str, password: &str) -> String {
    let mut hash = blake3::hash(salt.as_bytes());
    for _ in 0..ROUNDS {
        hash = blake3::keyed_hash(hash.as_bytes(), password.as_bytes());
    }
    hash.to_hex().to_string()
}

/// Sets the password of an account.
pub fn set_account(home: &Home, account: &str, password: &str) -> Said<()> {
    if home.refuses(&format!("account {account}")) {
        return Err(format!(
            "the password of the account {account} was not set: access is denied"
        ));
    }
    let mut accounts = Accounts::read(home)?;
    let salt = accounts.get(account)?.salt.clone();
    accounts.add(account, &salt, password);
    accounts.write(home)?;
    home.happened(&format!("set account {account}"));
    Ok(())
}

/// Sets the password that a service logs on with.
pub fn set_service(home: &Home, service: &str, account: &str, password: &str) -> Said<()> {
    if home.refuses(&format!("service {service}")) {
        return Err(format!(
            "the password of the service {service} was not set: access is denied"
        ));
    }
    let held = Accounts::read(home)?.held(account, password)?;
    replace(&home.logon_file(service), held.as_bytes()).map_err(|error| error.to_string())?;
    home.happened(&format!("set service {service}"));
    Ok(())
}

/// Whether the password that a service logs on with is this one.
pub fn service_is(home: &Home, service: &str, account: &str, password: &str) -> Said<bool> {
    let path = home.logon_file(service);
    let held = std::fs::read_to_string(&path).map_err(about(&path))?;
    Ok(held.trim() == Accounts::read(home)?.held(account, password)?)
}

/// The start-up configuration: the account of the database server, and what it holds of its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The account.
    pub account: String,
    held: String,
}

impl Startup {
    /// One for an account and its password.
    pub fn new(accounts: &Accounts, account: &str, password: &str) -> Said<Self> {
        Ok(Self {
            account: account.to_owned(),
            held: accounts.held(account, password)?,
        })
    }

    /// Reads it.
    pub fn read(home: &Home) -> Said<Self> {
        let path = home.startup_file();
        let text = std::fs::read_to_string(&path).map_err(about(&path))?;
        let line = |key: &str| {
            let found = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found
                .map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("{}: there is no {key}", path.display()))
        };
        Ok(Self {
            account: line(STARTUP_ACCOUNT)?,
            held: line(STARTUP_PASSWORD)?,
        })
    }

    /// Writes it.
    pub fn write(&self, home: &Home) -> Said<()> {
        let text = format!(
            "[AdministrationServer]\r\n{STARTUP_ACCOUNT}={}\r\n{STARTUP_PASSWORD}={}\r\n",
            self.account, self.held
        );
        replace(&home.startup_file(), text.as_bytes()).map_err(|error| error.to_string())
    }

    /// Whether its account has the password that it holds.
    pub fn fits(&self, accounts: &Accounts) -> Said<bool> {
        accounts.matches(&self.account, &self.held)
    }
}

/// Sets the password in the start-up configuration.
pub fn set_startup(home: &Home, account: &str, password: &str) -> Said<()> {
    if home.refuses("startup") {
        return Err("the start-up configuration was not changed: access is denied".to_owned());
    }
    if Startup::read(home)?.account != account {
        return Err(format!(
            "the start-up configuration does not name the account {account}"
        ));
    }
    Startup::new(&Accounts::read(home)?, account, password)?.write(home)?;
    home.happened("set startup");
    Ok(())
}

/// Whether the password in the start-up configuration is this one.
pub fn startup_is(home: &Home, account: &str, password: &str) -> Said<bool> {
    let wanted = Startup::new(&Accounts::read(home)?, account, password)?;
    Ok(Startup::read(home)? == wanted)
}

/// The first rule that a new password breaks, as one word; none if it obeys all. The rules are those of the database's
/// account (guide, section 6.2).
pub fn broken_rule(new: &str, present: &str) -> Option<&'static str> {
    if new.chars().count() > 16 {
        return Some("long");
    }
    if new.chars().any(char::is_whitespace) || new.is_empty() {
        return Some("blank");
    }
    (new == present).then_some("same")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_short_has_no_blank_and_is_another() {
        assert_eq!(
            broken_rule("Straße-fünfzehn!", "old"),
            None,
            "16 characters, more bytes"
        );
        assert_eq!(broken_rule("12345678901234567", "old"), Some("long"));
        assert_eq!(broken_rule("two words", "old"), Some("blank"));
        assert_eq!(broken_rule("", "old"), Some("blank"));
        assert_eq!(broken_rule("same-one", "same-one"), Some("same"));
    }

    #[test]
    fn two_accounts_with_one_password_hold_different_hashes() {
        let mut accounts = Accounts::default();
        accounts.add("a", "salt of a", "one password");
        accounts.add("b", "salt of b", "one password");
        assert!(accounts.is("a", "one password").unwrap());
        assert!(!accounts.is("a", "another").unwrap());
        let held = accounts.held("a", "one password").unwrap();
        assert!(accounts.matches("a", &held).unwrap() && !accounts.matches("b", &held).unwrap());
        assert!(accounts.is("nobody", "x").is_err());
    }
}
