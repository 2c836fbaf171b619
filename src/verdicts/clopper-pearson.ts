/**
 * The upper end of the exact one-sided interval (Clopper-Pearson) for a share of which `hits` of `trials` were seen: with
 * this confidence the true share is not higher. Undefined without trials.
 */
export function atMostShare(hits: number, trials: number, confidence = 0.95): number | undefined {
  if (trials === 0) return undefined;
  if (hits >= trials) return 1;
  const logWays = logBinomial(trials, hits);
  let [low, high] = [hits / trials, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(hits, trials, middle, logWays) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** Halvings that leave no visible error. */
const STEPS = 60;

function logBinomial(trials: number, hits: number): number {
  let sum = 0;
  for (let hit = 1; hit <= hits; hit++) sum += Math.log((trials - hits + hit) / hit);
  return sum;
}

/** P(X <= hits) for a share above hits / trials: from the greatest term down, each smaller than the one before. */
function chanceOfAtMost(hits: number, trials: number, share: number, logWays: number): number {
  let [sum, term] = [1, 1];
  for (let hit = hits; hit > 0 && term > Number.EPSILON * sum; hit--) {
    term *= (hit * (1 - share)) / ((trials - hit + 1) * share);
    sum += term;
  }
  return Math.exp(logWays + hits * Math.log(share) + (trials - hits) * Math.log1p(-share)) * sum;
}
