//! An address that may name several hosts, read into one address each.

use sqlx::{Error, postgres::PgConnectOptions};

use crate::driver::options;

const ATTRIBUTE: &str = "target_session_attrs";

/// One address a host, and whether only a primary will do.
pub(crate) fn parse(url: &str) -> Result<(Vec<PgConnectOptions>, bool), Error> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return one(url).map(|options| (vec![options], false));
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let hosts: Vec<&str> = hosts.split(',').collect();
    let are_several = hosts.len() > 1;
    if are_several && hosts.contains(&"") {
        return refused("there is no host between two commas, or before or after one");
    }
    if hosts.iter().any(|host| host.contains(char::is_whitespace)) {
        return refused("there is a blank in a host");
    }
    if are_several && parameters(path).any(|(name, _)| ["host", "hostaddr", "port"].contains(&name)) {
        return refused("beside a list of hosts there is no parameter host, hostaddr or port");
    }
    let (path, wants_primary) = without_attribute(path)?;
    let all = hosts.iter().map(|host| one(&format!("{scheme}://{user}{host}{path}")));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    if are_several && all.iter().any(|one| one.get_socket().is_some()) {
        return refused("several servers are reached by host and port, and not by a socket");
    }
    Ok((all, wants_primary || are_several))
}

fn one(url: &str) -> Result<PgConnectOptions, Error> {
    let options = options(url)?;
    let wrong = |letter: char| matches!(letter, ',' | '%') || letter.is_whitespace();
    if options.get_socket().is_none() && options.get_host().contains(wrong) {
        return refused(
            "a host has no comma, blank or percent sign; several are named before the path: one:5432,two:5432",
        );
    }
    Ok(options)
}

fn refused<T>(why: &'static str) -> Result<T, Error> {
    Err(Error::Configuration(why.into()))
}

fn parameters(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// The driver does not know the attribute.
fn without_attribute(path: &str) -> Result<(String, bool), Error> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (ours, others): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .partition(|pair| pair.split('=').next() == Some(ATTRIBUTE));
    if ours.iter().filter_map(|pair| pair.split_once('=')).any(|(_, value)| value != "read-write") {
        return refused("target_session_attrs is read-write or left out");
    }
    let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    Ok((format!("{path}{query}"), !ours.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> (Vec<String>, bool) {
        let (all, primary) = parse(url).unwrap();
        (all.iter().map(|one| format!("{}:{}", one.get_host(), one.get_port())).collect(), primary)
    }

    #[test]
    fn each_host_has_its_port_and_all_have_the_rest() {
        let url = "postgres://me:a%2Cb@one:5433,two,[::1]:5434/data?sslmode=disable&application_name=x";
        let (all, primary) = parse(url).unwrap();
        assert!(primary, "of several one is asked for that takes writes");
        assert_eq!(hosts(url).0, ["one:5433", "two:5432", "[::1]:5434"]);
        for one in all {
            assert_eq!((one.get_username(), one.get_database()), ("me", Some("data")));
            assert_eq!(one.get_application_name(), Some("x"));
        }
    }

    #[test]
    fn a_single_host_is_taken_as_it_is_unless_it_says_more() {
        assert_eq!(hosts("postgres://me@one:5433/data"), (vec!["one:5433".to_owned()], false));
        assert!(hosts("postgres://me@one/data?target_session_attrs=read-write").1);
        assert!(hosts("postgres://me@one,two/data?sslmode=disable&target_session_attrs=read-write").1);
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_the_address() {
        for (url, problem) in [
            ("postgres://me:hush@one,,two/data", "no host between two commas"),
            ("postgres://me:hush@%2Ftmp,two/data", "not by a socket"),
            ("postgres://me:hush@one,/data", "no host between two commas"),
            (
                "postgres://me:hush@one,two/data?target_session_attrs=any",
                "target_session_attrs is read-write or left out",
            ),
            ("postgres://me:hush@one,two/data?host=three", "no parameter host, hostaddr or port"),
            ("postgres://me:hush@one,two/data?sslmode=disable&hostaddr=1.2.3.4", "no parameter host"),
            ("postgres://me:hush@one,two/data?port=5433", "no parameter host, hostaddr or port"),
            ("postgres://me:hush@three/data?host=one,two", "several are named before the path"),
            ("postgres://me:hush@three/data?host=one%2Ctwo", "several are named before the path"),
            ("postgres://me:hush@one, two/data", "a blank in a host"),
            ("postgres://me:hush@one,two%20/data", "no comma, blank or percent sign"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(problem) && !error.contains("hush"), "{error}");
        }
        assert!(parse("nonsense").is_err());
        assert!(parse("postgres://me@one:port,two/data").is_err());
    }
}
