/** Where Apicurio 3.0.9 departs from what Confluent documents, by the name of the case; ours follows Confluent. */
export const APICURIO_DEVIATIONS: Readonly<Record<string, string>> = {
  'does not count white space as a difference': 'compares texts unless told to canonicalise',
  'takes a version number only if it is the next one (else 42201), and overwrites none': 'ignores the number',
  'lists the subjects that have a schema': 'has no /schemas/ids/:id/subjects',
  'refuses version numbers that cannot be with 42202': 'answers 40402 to any version it does not have',
  'refuses an empty schema, and types of schema that it does not know, with 42201': 'takes an empty schema',
  'soft-deletes a subject: hidden, its schemas still there by id, and versions go on counting':
    'does not give soft-deleted versions, not with deleted=true either',
  'deletes a subject for good only after it was soft-deleted': 'answers 40405 with status 409',
  'deletes one version, softly and then for good': 'answers 40407 with status 409',
  'lists subjects by prefix and by page': 'has no subjectPrefix',
  'judges compatibility through references': 'does not see changes behind a reference',
  'says why, naming field and rule: in the messages of a verbose check, and with the 409':
    'gives no messages, and neither field nor rule by these names',
  'has a compatibility level of its own for a subject, which can be taken back':
    'answers 40401 where a subject has no level of its own',
  'answers 40401 when there is no config or mode of a subject to take back': 'has no DELETE for modes',
  'refuses unknown compatibility levels with 42203 and unknown modes with 42204': 'answers 500',
  'takes nothing for a subject that is read-only (42205), reads and checks still work':
    'has no modes: it answers 204 and takes everything',
  'answers in its own media type otherwise, errors too': 'answers in application/json',
  'answers a body without schema with 42201': 'answers 500',
  'answers unknown paths with 404 and an error in JSON': 'answers 404 without an error code',
  'refuses a schema of 10 MB, and one that no record of a topic would hold': 'takes them',
  'refuses subjects that are too long or have control characters with 42208':
    'answers 400 without an error code',
  'keeps names from prototypes what they are: names': 'answers 40401 where a subject has no level of its own',
};
