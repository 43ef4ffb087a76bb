/** Who may come in, and where clients learn how. */
import type { FastifyInstance } from 'fastify';
import { OAuth } from '../auth/oauth.ts';
import { originFinder } from '../auth/origin.ts';
import { protectedResourceRoutes } from '../routes/protected-resource.ts';
import type { HttpSettings } from '../settings.ts';
import { addAuth } from './auth.ts';

export function addAccess(app: FastifyInstance, settings: HttpSettings): void {
  const { oauthIssuer, authTokens } = settings;
  const oauth = oauthIssuer === null ? null : new OAuth(settings, oauthIssuer);
  const originOf = originFinder(settings);
  addAuth(app, { tokens: authTokens, oauth, originOf, wrongTokens: settings });
  if (oauth !== null) protectedResourceRoutes(app, oauth, originOf);
}
