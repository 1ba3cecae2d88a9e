/** Countries whose national phone numbers can be typed without a country code. */
const codes = [
  'AT',
  'BE',
  'CH',
  'DE',
  'DK',
  'ES',
  'FR',
  'GB',
  'IE',
  'IT',
  'NL',
  'NO',
  'PL',
  'PT',
  'SE',
  'US',
];
const names = new Intl.DisplayNames('en-GB', { type: 'region' });

export const countries: readonly { value: string; label: string }[] = codes
  .map((value) => ({ value, label: names.of(value) ?? value }))
  .sort((a, b) => a.label.localeCompare(b.label));
