// @rudderstack/rudder-sdk-node: gzipped JSON; success only on 200.
import Analytics from '@rudderstack/rudder-sdk-node'

const [host, writeKey] = process.argv.slice(2)
const client = new Analytics(writeKey, { dataPlaneUrl: host, flushAt: 3 })
const told = (error) => { if (error) { console.error(error); process.exitCode = 1 } }
client.identify({ userId: 'anna', traits: { email: 'anna@acme.example', firstName: 'Anna', title: 'CTO', employees: 90 } }, told)
client.page({ userId: 'anna', name: 'Pricing', properties: { path: '/pricing' } }, told)
client.track({ userId: 'anna', event: 'Form Submitted', properties: { form: 'demo' } }, told)
await client.flush()
