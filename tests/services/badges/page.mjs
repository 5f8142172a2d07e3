// A page that verifies badges of another site with LearnCard. It takes its work from /work: {urls: {name: address},
// badges: {name: badge}}; it posts to /answer what it fetched, what LearnCard says of each badge, and all addresses that
// the page asked.

async function verify() {
  const {urls, badges} = await (await fetch('/work')).json();
  const fetched = {};
  for(const [name, url] of Object.entries(urls)) {
    // A header of the page's own, so that the browser sends a pre-flight request.
    const response = await fetch(url, {headers: {'X-Page': 'verifier'}});
    fetched[name] = await response.json();
  }
  const {startLearnCard} = await import('/learncard.mjs');
  const ask = await startLearnCard(await import('/core.mjs'), await import('/plugin.mjs'), '/plugin.wasm');
  const answers = {};
  for(const [name, badge] of Object.entries({...fetched, ...badges})) {
    answers[name] = await ask(badge);
  }
  return {fetched, answers, asked: performance.getEntriesByType('resource').map(({name}) => name)};
}

const answer = await verify().catch(error => ({problem: String(error)}));
await fetch('/answer', {method: 'POST', body: JSON.stringify(answer)});
