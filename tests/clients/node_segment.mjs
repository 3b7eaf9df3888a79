// @segment/analytics-node, as its documentation shows it.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host, maxRetries: 1 })
analytics.on('error', (error) => { console.error(error); process.exitCode = 1 })
analytics.identify({ userId: 'anna', traits: { email: 'anna@acme.example', firstName: 'Anna', title: 'CTO', employees: 90 } })
analytics.page({ userId: 'anna', name: 'Pricing', properties: { path: '/pricing' } })
analytics.track({ userId: 'anna', event: 'Form Submitted', properties: { form: 'demo' } })
await analytics.closeAndFlush({ timeout: 10000 })
