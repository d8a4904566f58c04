//! The quiz grammar: what is let through asks something that can be answered right and wrong.
//!
//! `cd tests && cargo +nightly fuzz run quiz -- -runs=10000000 -max_len=512`

#![no_main]

use content::model::Block;
use content::pack::OPTIONS_PER_QUIZ_MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for block in fuzz::course::fence("quiz", bytes) {
        match block {
            Block::Quiz(quiz) => {
                let right = quiz.options.iter().filter(|option| option.right).count();
                assert!((1..quiz.options.len()).contains(&right), "{quiz:?}");
                assert!(quiz.options.len() <= OPTIONS_PER_QUIZ_MAX, "{quiz:?}");
                assert!(quiz.options.iter().all(|option| !option.feedback.is_empty()), "{quiz:?}");
            }
            Block::Order(order) => {
                assert!((2..=OPTIONS_PER_QUIZ_MAX).contains(&order.steps.len()), "{order:?}");
                assert!(order.steps.iter().all(|step| !step.hint.is_empty()), "{order:?}");
            }
            _ => {}
        }
    }
});
