// Asks LearnCard about badges, in Node.js and in browsers.

// Takes the modules of LearnCard's core and of its plugin for signatures, and the plugin's WebAssembly as bytes or as an
// address. Returns a function that says of a badge what was checked and what is wrong with it.
export async function startLearnCard({generateLearnCard}, {getDidKitPlugin}, wasm) {
  const learnCard = await (await generateLearnCard()).addPlugin(await getDidKitPlugin(wasm));
  return async badge => {
    // LearnCard asks for the status only when it is told to, and then refuses a badge without one.
    const checks = badge.credentialStatus ? ['proof', 'credentialStatus'] : ['proof'];
    try {
      const {checks: passed, warnings, errors, status = []} = await learnCard.invoke.verifyCredential(badge, {checks});
      return {checks: passed, errors: [...errors, ...warnings], statuses: status.map(({isSet}) => isSet)};
    } catch(error) {
      return {checks: [], errors: [String(error)], statuses: []};
    }
  };
}
