//! Arguments as the command line of a Windows program.
//!
//! A program of Windows gets one line, and takes it apart itself. These are the rules of `CommandLineToArgvW` and of the C
//! runtime (Microsoft, “Parsing C command-line arguments”): quotes hold a word together, and backslashes are special only in
//! front of a quote, where two stand for one.

/// The longest command line that `CreateProcessW` takes is 32,767 characters; some are left for the program's own path.
pub(crate) const LONGEST: usize = 32_000;

/// The line whose words are these arguments.
pub(crate) fn line<S: AsRef<str>>(args: &[S]) -> String {
    let words: Vec<String> = args.iter().map(|arg| word(arg.as_ref())).collect();
    words.join(" ")
}

fn word(arg: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && c != '"';
    if !arg.is_empty() && arg.chars().all(plain) {
        return arg.to_owned();
    }
    let mut word = String::from('"');
    let mut backslashes = 0;
    for c in arg.chars() {
        match c {
            '\\' => backslashes += 1,
            '"' => {
                // Each of those before it twice, and one for the quote itself.
                word.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        word.push(c);
    }
    // They would else escape the quote that ends the word.
    word.extend(std::iter::repeat_n('\\', backslashes));
    word.push('"');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a program makes of its line, by the same page, without what follows from two quotes in a row: this driver never
    /// writes them within a word.
    fn taken_apart(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line.chars().peekable();
        loop {
            while rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
            if rest.peek().is_none() {
                return words;
            }
            let (mut word, mut quoted) = (String::new(), false);
            loop {
                let mut backslashes = 0;
                while rest.next_if_eq(&'\\').is_some() {
                    backslashes += 1;
                }
                if rest.peek() == Some(&'"') {
                    word.push_str(&"\\".repeat(backslashes / 2));
                    rest.next();
                    if backslashes % 2 == 1 {
                        word.push('"');
                    } else {
                        quoted = !quoted;
                    }
                    continue;
                }
                word.push_str(&"\\".repeat(backslashes));
                match rest.next() {
                    None => break,
                    Some(' ' | '\t') if !quoted => break,
                    Some(c) => word.push(c),
                }
            }
            words.push(word);
        }
    }

    #[test]
    fn words_are_quoted_as_the_documentation_shows() {
        let args = ["a b", r#"say "x""#, r"C:\a b\", r"C:\a\", "", r#"\""#];
        assert_eq!(line(&args), r#""a b" "say \"x\"" "C:\a b\\" C:\a\ "" "\\\"""#);
    }

    proptest! {
        #[test]
        fn a_program_gets_the_arguments_that_were_given(args in prop::collection::vec(r#"[ab \\"\t%^&|<>'$ñ]{0,8}"#, 0..5)) {
            prop_assert_eq!(taken_apart(&line(&args)), args);
        }
    }
}
