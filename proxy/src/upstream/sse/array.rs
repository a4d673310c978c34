//! The items of one JSON array, where a stream is one: what tells where an item ends.

/// How deep in the array the bytes so far have come. Right for JSON; what is none ends nowhere.
#[derive(Debug, Default)]
pub(super) struct Items {
    depth: usize,
    /// It is one object and no array, which is an item alone.
    is_object: bool,
    in_string: bool,
    is_escaped: bool,
}

impl Items {
    /// Where the last item that ends in `frame` ends, or the array itself; 0 where neither does.
    pub(super) fn last_end(&mut self, frame: &[u8]) -> usize {
        let mut end = 0;
        for (at, byte) in frame.iter().enumerate() {
            if self.in_string {
                self.in_string = *byte != b'"' || self.is_escaped;
                self.is_escaped = *byte == b'\\' && !self.is_escaped;
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'[' | b'{' => {
                    self.is_object |= self.depth == 0 && *byte == b'{';
                    self.depth += 1;
                }
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth <= usize::from(!self.is_object) {
                        end = at + 1;
                    }
                }
                _ => {}
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_ends_where_its_braces_close() {
        let array = br#"[{"a": "}]\"", "b": [{}]}
,
{"c": 1}
]"#;
        let ends = |frames: &[&[u8]]| {
            let mut items = Items::default();
            frames.iter().map(|frame| items.last_end(frame)).collect::<Vec<_>>()
        };
        assert_eq!(ends(&[array]), [array.len()]);
        let mut items = Items::default();
        let ended: Vec<usize> = (0..array.len()).filter(|at| items.last_end(&array[*at..=*at]) == 1).collect();
        assert_eq!(ended, [24, 35, 37]);
        assert_eq!(ends(&[br#"{"a": {}"#, b"}"]), [0, 1]);
    }
}
