// @jitsu/js: /api/s/{type} with X-Write-Key.
import { jitsuAnalytics } from '@jitsu/js'

const [host, writeKey] = location.hash.slice(1).split('|')
const analytics = jitsuAnalytics({ host: `http://${host}`, writeKey })
await analytics.identify('anna', { email: 'anna@acme.example', firstName: 'Anna', title: 'CTO', employees: 90 })
await analytics.page({ name: 'Pricing', path: '/pricing' })
await analytics.track('Form Submitted', { form: 'demo' })
