// @segment/analytics-next: text/plain to /v1/{i,t,p}.
import { AnalyticsBrowser } from '@segment/analytics-next'

const [host, writeKey] = location.hash.slice(1).split('|')
const analytics = AnalyticsBrowser.load(
  { writeKey, cdnSettings: { integrations: { 'Segment.io': { apiKey: writeKey } } } },
  { integrations: { 'Segment.io': { apiHost: `${host}/v1`, protocol: 'http' } } },
)
await analytics.identify('anna', { email: 'anna@acme.example', firstName: 'Anna', title: 'CTO', employees: 90 })
await analytics.page('Pricing', { path: '/pricing' })
await analytics.track('Form Submitted', { form: 'demo' })
