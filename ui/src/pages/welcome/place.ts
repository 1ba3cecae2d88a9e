/** Where a tenant is, as it is typed. */
export interface Place {
  region: string;
  clientId: string;
  mediaHosts: string;
}

export const emptyPlace: Place = { region: 'mypurecloud.de', clientId: '', mediaHosts: '' };

/** As the core wants it. */
export function placeRequest({ region, clientId, mediaHosts }: Place) {
  return {
    region,
    api_url: null,
    login_url: null,
    media_hosts: mediaHosts.split(/[\s,]+/u).filter(Boolean),
    client_id: clientId.trim(),
  };
}
