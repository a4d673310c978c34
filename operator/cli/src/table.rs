//! Text in columns.

/// A header and rows, each column as wide as its widest text; nothing where there is no row.
pub(crate) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let mut all = vec![header.map(str::to_owned)];
    all.extend(rows);
    if all.len() == 1 {
        return String::new();
    }
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("   ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_text() {
        let rows = [["a".to_owned(), "1".to_owned()], ["länger".to_owned(), String::new()]];
        assert_eq!(table(["NAME", "N"], rows.into_iter()), "NAME     N\na        1\nlänger");
        assert_eq!(table(["NAME"], std::iter::empty()), "");
    }
}
