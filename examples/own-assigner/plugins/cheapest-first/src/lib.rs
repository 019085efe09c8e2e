//! Fills the cheapest cluster first, then the next: each cluster says in a label what a replica costs there. What stands
//! already stays where it is; where there are to be fewer, the dearest go first.
//!
//! No weights can do that. A weight is a share of all replicas, however many there are; a price is an order.

use std::cmp::Ordering;

use portolan_plugin::{Assigner, Fault, Level, Questions, pointer};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The plugin.
#[derive(Debug)]
pub struct CheapestFirst;

/// What a policy tells it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The label that has a cluster's price, a number such as 0.031. Clusters without one come last.
    #[schemars(length(min = 1))]
    pub label: String,
}

impl Assigner for CheapestFirst {
    type Config = Config;

    fn assign(Config { label }: Config, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
        let Some(asked_for) = questions.request_replicas() else {
            return Err(Fault::Template("is no workload, so there are no replicas to divide".to_owned()));
        };
        let prices = questions.fleet_column(&format!("/metadata/labels/{}", pointer::escape(&label)));
        let prices: Vec<Option<f64>> = prices.iter().map(|price| price_of(price, questions)).collect();
        let mut order: Vec<usize> = (0..prices.len()).collect();
        // Stable: of equals the first name comes first.
        order.sort_by(|a, b| cheaper(prices[*a], prices[*b]));

        let stands = if questions.request_fresh() { Vec::new() } else { questions.request_previous() };
        let mut assigned: Vec<u32> = stands.into_iter().map(|stands| stands.unwrap_or(0)).collect();
        assigned.resize(prices.len(), 0);
        let standing: u32 = assigned.iter().sum();
        let mut surplus = standing.saturating_sub(asked_for);
        for cluster in order.iter().rev() {
            let goes = assigned[*cluster].min(surplus);
            assigned[*cluster] -= goes;
            surplus -= goes;
        }
        // Room is what fits beside what stands. Where nobody can tell, all of them fit.
        let room = questions.request_available();
        let mut missing = asked_for.saturating_sub(standing);
        for cluster in order {
            let comes = room[cluster].unwrap_or(missing).min(missing);
            assigned[cluster] += comes;
            missing -= comes;
        }
        if missing > 0 {
            return Err(Fault::Unschedulable(format!("{missing} of {asked_for} replicas find no room")));
        }
        Ok(assigned)
    }
}

fn price_of(label: &Value, questions: &dyn Questions) -> Option<f64> {
    let written = label.as_str()?;
    let price = written.parse().ok().filter(|price: &f64| price.is_finite());
    if price.is_none() {
        questions.log(Level::Warn, &format!("`{written}` is no price; valid: a number such as 0.031"));
    }
    price
}

/// What has no price comes last.
fn cheaper(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY))
}

portolan_plugin::assigner!(CheapestFirst);

#[cfg(test)]
mod tests {
    use super::CheapestFirst;
    use portolan_plugin::Fault;
    use portolan_plugin::testing::Answers;
    use serde_json::json;

    /// In the order of names: dear, free of any price, low, middle.
    fn fleet() -> Answers {
        let cluster =
            |name: &str, price: &str| json!({"metadata": {"name": name, "labels": {"price": price}}});
        Answers::default().clusters([
            cluster("dear", "1.20"),
            cluster("free", "ask us"),
            cluster("low", "0.10"),
            cluster("middle", "0.9"),
        ])
    }

    fn assign(answers: &Answers) -> Result<Vec<u32>, Fault> {
        answers.assign::<CheapestFirst>(json!({"label": "price"}))
    }

    #[test]
    fn the_cheapest_is_filled_first() {
        let answers = fleet().replicas(7).available("low", 4).available("middle", 2).available("dear", 9);
        assert_eq!(assign(&answers), Ok(vec![1, 0, 4, 2]));
        assert_eq!(assign(&fleet().replicas(7)), Ok(vec![0, 0, 7, 0]));
    }

    #[test]
    fn what_stands_stays_and_the_dearest_go_first() {
        let standing = || fleet().previously("dear", 3).previously("low", 2);
        assert_eq!(assign(&standing().replicas(5)), Ok(vec![3, 0, 2, 0]));
        assert_eq!(assign(&standing().replicas(6).available("low", 0)), Ok(vec![3, 0, 2, 1]));
        assert_eq!(assign(&standing().replicas(4)), Ok(vec![2, 0, 2, 0]));
        assert_eq!(assign(&standing().replicas(5).fresh()), Ok(vec![0, 0, 5, 0]));
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut answers = fleet().replicas(7);
        for name in ["dear", "free", "low", "middle"] {
            answers = answers.available(name, 1);
        }
        let why = "3 of 7 replicas find no room".to_owned();
        assert_eq!(assign(&answers), Err(Fault::Unschedulable(why)));
        let log = answers.logged();
        assert!(log[0].1.starts_with("`ask us` is no price"), "{log:?}");
    }
}
