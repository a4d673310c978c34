//! Whole answers.

use bytes::Bytes;

use crate::recordings::{answers, has_golden};
use crate::{ASKED, PAIRS, golden, said};

#[test]
fn every_recorded_answer_says_the_same_in_every_format() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, false) {
            let expected = said::by_provider(pair.provider, &recording.response_body, false);
            let has_golden = has_golden(&recording);
            let answer = pair.answer(&Bytes::from(recording.response_body), &ASKED).unwrap();
            if has_golden {
                golden::check(&format!("{name}/{}", recording.id), "answer.json", &golden::pretty(&answer.body));
            }
            assert_eq!(answer.model.as_deref(), Some(&*expected.model), "{name} {}", recording.id);
            let tokens = answer.usage.map_or((0, 0), |usage| (usage.input, usage.output));
            assert_eq!(tokens, expected.tokens, "{name} {}", recording.id);
            let body = std::str::from_utf8(&answer.body).unwrap();
            assert_eq!(said::by_client(pair.client, body, false), expected, "{name} {}", recording.id);
        }
    }
}
