//! Every text of every procedure exists in English, Spanish and German, with the same values.

use crate::{customize, explain, localize, request};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};

/// The variables of each message.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(source)
        .map_err(|(_, errors)| errors)
        .expect("valid Fluent");
    let entry = |entry: &Entry<&str>| match entry {
        Entry::Message(message) => {
            let mut names = BTreeSet::new();
            collect(message.value.as_ref().expect("a value"), &mut names);
            Some((message.id.name.to_owned(), names))
        }
        _ => None,
    };
    resource.body.iter().filter_map(entry).collect()
}

fn collect(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        match expression {
            Expression::Inline(inline) => variable(inline, names),
            Expression::Select { selector, variants } => {
                variable(selector, names);
                variants.iter().for_each(|variant| collect(&variant.value, names));
            }
        }
    }
}

fn variable(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        names.insert(id.name.to_owned());
    }
}

#[test]
fn every_text_is_there_in_three_languages_with_the_same_values() {
    for procedure in [
        localize::procedure(),
        customize::procedure(),
        explain::procedure(),
        request::procedure(),
    ] {
        let info = procedure.info();
        let texts: BTreeMap<_, _> = info
            .texts
            .iter()
            .map(|t| (t.language.as_str(), messages(&t.messages)))
            .collect();
        assert_eq!(texts.keys().copied().collect::<Vec<_>>(), ["de", "en", "es"]);
        assert_eq!(texts["en"], texts["es"], "{}", info.id);
        assert_eq!(texts["en"], texts["de"], "{}", info.id);
        let schema: serde_json::Value = serde_json::from_str(&info.parameters).expect("JSON");
        let parameters = schema["properties"].as_object().expect("parameters");
        let mut wanted: BTreeSet<String> = parameters.keys().map(|name| format!("param-{name}")).collect();
        wanted.extend(info.steps.iter().map(|step| format!("step-{step}")));
        wanted.extend(["title".to_owned(), "summary".to_owned()]);
        let have: BTreeSet<_> = texts["en"].keys().cloned().collect();
        let missing: Vec<_> = wanted.difference(&have).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", info.id);
        // A parameter whose type is not plain cannot be given on a command line.
        for (name, schema) in parameters {
            assert!(schema["type"].is_string(), "{}: {name}: {schema}", info.id);
        }
    }
}

#[test]
fn every_code_that_is_raised_has_its_text() {
    let sources = [
        (
            localize::procedure(),
            concat!(
                include_str!("localize.rs"),
                include_str!("prepare.rs"),
                include_str!("told.rs")
            ),
        ),
        (
            customize::procedure(),
            concat!(include_str!("customize.rs"), include_str!("told.rs")),
        ),
        (explain::procedure(), include_str!("explain.rs")),
        (request::procedure(), include_str!("request.rs")),
    ];
    for (procedure, source) in sources {
        let info = procedure.info();
        let texts = messages(&info.texts[0].messages);
        let codes = source
            .split('"')
            .filter(|part| part.len() == 5 && part.starts_with("W0"));
        for code in codes {
            assert!(texts.contains_key(code), "{}: {code}", info.id);
        }
    }
}
