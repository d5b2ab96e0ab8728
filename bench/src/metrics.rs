//! Sums out of a service's `/metrics`.

/// The sum of all samples of `name` whose labels contain all of `labels`; 0 where there is none.
pub fn sum(text: &str, name: &str, labels: &[String]) -> f64 {
    let samples =
        text.lines().filter_map(|line| line.strip_prefix(name)).filter(|rest| rest.starts_with(['{', ' ']));
    let values = samples.filter(|rest| labels.iter().all(|label| rest.contains(label))).filter_map(|rest| {
        // An exemplar may follow the value.
        let (_, value) = rest.split(" # ").next()?.rsplit_once(' ')?;
        value.parse::<f64>().ok()
    });
    values.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_chosen_by_their_whole_name_and_a_label() {
        let text = "# TYPE took histogram\ntook_sum{op=\"commit\"} 1.5\ntook_sum{op=\"other\"} 4\ntook_sum_more 9\n\
                    took_sum{op=\"commit\",error=\"away\"} 2 # {trace=\"a b\"} 0.1\nplain 3\n# EOF\n";
        let commit = "op=\"commit\"".to_owned();
        assert_eq!(sum(text, "took_sum", std::slice::from_ref(&commit)), 3.5);
        assert_eq!(sum(text, "took_sum", &[commit, "error=\"away\"".to_owned()]), 2.0);
        assert_eq!(sum(text, "plain", &[]), 3.0);
        assert_eq!(sum(text, "absent", &[]), 0.0);
    }
}
