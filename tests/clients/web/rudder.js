// @rudderstack/analytics-js: asks for its configuration first, sends in an order of its own.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'

const [host, writeKey] = location.hash.slice(1).split('|')
const analytics = new RudderAnalytics()
analytics.load(writeKey, `http://${host}`, { configUrl: `http://${host}` })
analytics.identify('anna', { email: 'anna@acme.example', firstName: 'Anna', title: 'CTO', employees: 90 })
analytics.page('Pricing', { path: '/pricing' })
analytics.track('Form Submitted', { form: 'demo' })
