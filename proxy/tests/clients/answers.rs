//! Whole answers.

use bytes::Bytes;

use crate::recordings::answers;
use crate::{ASKED, PAIRS, golden, said};

#[test]
fn every_recorded_answer_says_the_same_in_every_format() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, false) {
            let expected = said::by_provider(pair.provider, &recording.response_body, false);
            let answer = pair.answer(&Bytes::from(recording.response_body), &ASKED).unwrap();
            golden::check(&format!("{name}/{}", recording.id), "answer.json", &golden::pretty(&answer.body));
            assert_eq!(answer.model.as_deref(), Some(&*expected.model), "{name} {}", recording.id);
            assert_eq!(answer.usage.map(|usage| (usage.input, usage.output)), Some(expected.tokens));
            let body = std::str::from_utf8(&answer.body).unwrap();
            assert_eq!(said::by_client(pair.client, body, false), expected, "{name} {}", recording.id);
        }
    }
}
