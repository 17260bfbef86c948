//! What people read: sentences that choose their words.

use procedo_core::message::{Language, Message, Texts};
use procedo_machine::MESSAGES;

#[test]
fn a_sentence_chooses_the_rule_that_was_broken() {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).unwrap();
    let message = Message::new("P1001")
        .with("machine", "main")
        .with("setting", "command.x.args")
        .with("value", "{a b}")
        .with("rule", "template");
    for language in Language::ALL {
        let told = texts.tell(language, &message);
        assert!(told.contains("name}") || told.contains("nombre}"), "{told}");
        assert!(!told.contains("{$") && !told.contains("{ $"), "{told}");
    }
}
