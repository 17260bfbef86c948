//! As much of SQL's lexical structure (PostgreSQL 15, §4.1) as is needed to tell statements from what stands in quotes.

/// A statement as its parts: what is SQL and what is quoted or a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Plain(&'a str),
    /// A string, a quoted name.
    Quoted(&'a str),
    Comment(&'a str),
}

/// How long the string, quoted name or comment is that begins here; none if none does.
fn closed(sql: &str, before: Option<char>) -> Option<(usize, bool)> {
    let bytes = sql.as_bytes();
    match bytes.first()? {
        b'\'' => {
            // In E'…' a backslash takes what follows along.
            let escapes = matches!(before, Some('e' | 'E'));
            Some((end_of_quote(sql, '\'', escapes), false))
        }
        b'"' => Some((end_of_quote(sql, '"', false), false)),
        b'-' if bytes.get(1) == Some(&b'-') => Some((sql.find('\n').unwrap_or(sql.len()), true)),
        b'/' if bytes.get(1) == Some(&b'*') => Some((end_of_comment(sql), true)),
        // A dollar within a name does not begin a quote.
        b'$' if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') => {
            let tag = &sql[..=1 + sql[1..].find('$')?];
            let name = &tag[1..tag.len() - 1];
            let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            if !is_name {
                return None;
            }
            let end = sql[tag.len()..].find(tag);
            Some((end.map_or(sql.len(), |end| end + 2 * tag.len()), false))
        }
        _ => None,
    }
}

fn end_of_quote(sql: &str, quote: char, escapes: bool) -> usize {
    let mut chars = sql.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    sql.len()
}

/// Comments nest.
fn end_of_comment(sql: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    sql.len()
}

fn parts(sql: &str) -> Vec<Part<'_>> {
    let (mut parts, mut plain, mut at, mut before) = (Vec::new(), 0, 0, None);
    while let Some(c) = sql[at..].chars().next() {
        match closed(&sql[at..], before) {
            Some((length, comment)) => {
                if plain < at {
                    parts.push(Part::Plain(&sql[plain..at]));
                }
                let text = &sql[at..at + length];
                parts.push(match comment {
                    true => Part::Comment(text),
                    false => Part::Quoted(text),
                });
                at += length;
                plain = at;
                before = None;
            }
            None => {
                at += c.len_utf8();
                before = Some(c);
            }
        }
    }
    if plain < at {
        parts.push(Part::Plain(&sql[plain..at]));
    }
    parts
}

/// The first word, in lower case.
pub(crate) fn first_word(sql: &str) -> String {
    let plain: String = parts(sql)
        .into_iter()
        .map(|part| match part {
            Part::Plain(text) => text,
            Part::Quoted(_) => "''",
            Part::Comment(_) => " ",
        })
        .collect();
    plain
        .trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';')
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether there is more than one statement.
pub(crate) fn several(sql: &str) -> bool {
    let mut ended = false;
    for part in parts(sql) {
        match part {
            Part::Comment(_) => {}
            Part::Quoted(_) if ended => return true,
            Part::Quoted(_) => {}
            Part::Plain(text) => {
                let rest = match text.split_once(';') {
                    Some((_, rest)) if !ended => rest,
                    _ if ended => text,
                    _ => continue,
                };
                ended = true;
                if rest.contains(|c: char| !c.is_whitespace() && c != ';') {
                    return true;
                }
            }
        }
    }
    false
}

/// The same statement with the parameters `?1`, `?2`, ... of the interface as `$1`, `$2`, ...
pub(crate) fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    for part in parts(sql) {
        match part {
            Part::Quoted(text) | Part::Comment(text) => out.push_str(text),
            Part::Plain(text) => {
                let mut chars = text.chars().peekable();
                while let Some(c) = chars.next() {
                    let number = c == '?' && chars.peek().is_some_and(char::is_ascii_digit);
                    out.push(if number { '$' } else { c });
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_are_translated_where_they_are_parameters() {
        assert_eq!(numbered("select ?1, ?12"), "select $1, $12");
        assert_eq!(numbered("select '?1', \"?2\", $$?3$$, $a$?4$$?5$a$, ?6"), {
            "select '?1', \"?2\", $$?3$$, $a$?4$$?5$a$, $6"
        });
        assert_eq!(numbered("select E'\\'?1', '\\', ?2"), "select E'\\'?1', '\\', $2");
        assert_eq!(numbered("select E'''\\'?1', ?2"), "select E'''\\'?1', $2");
        assert_eq!(
            numbered("-- ?1\n?2 /* ?3 /* ?4 */ ?5 */ ?6"),
            "-- ?1\n$2 /* ?3 /* ?4 */ ?5 */ $6"
        );
        assert_eq!(
            numbered("a ? 'b' and a ?| array['c']"),
            "a ? 'b' and a ?| array['c']"
        );
        assert_eq!(numbered("select a$1$b, $1, ?2"), "select a$1$b, $1, $2");
    }

    #[test]
    fn a_second_statement_is_seen_and_what_only_looks_like_one_is_not() {
        for one in [
            "select 1",
            "select 1;",
            "select ';' ; -- ; x\n /* ; */ ;",
            "select $a$;x$a$",
            "select \"a;b\"",
        ] {
            assert!(!several(one), "{one}");
        }
        for two in [
            "select 1; select 2",
            "select 1;'x'",
            "/* ; */ commit; drop table a",
            "select '';x",
        ] {
            assert!(several(two), "{two}");
        }
    }

    #[test]
    fn the_first_word_is_found_behind_comments_and_parentheses() {
        assert_eq!(first_word(" -- commit\n /* x */ (SELECT 1)"), "select");
        assert_eq!(first_word("CoMmIt"), "commit");
        assert_eq!(first_word(";commit"), "commit");
        assert_eq!(first_word("'commit'"), "");
        assert_eq!(first_word(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn nothing_is_lost_between_the_parts(sql in "['\"$a;?1 \\\\/*\\-\nEé]{0,40}") {
            let whole: String = parts(&sql).into_iter().map(|part| match part {
                Part::Plain(text) | Part::Quoted(text) | Part::Comment(text) => text,
            }).collect();
            prop_assert_eq!(whole, sql.clone());
            prop_assert_eq!(numbered(&sql).len(), sql.len());
            let _ = (several(&sql), first_word(&sql));
        }
    }
}
