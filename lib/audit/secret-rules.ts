/** Texts that begin a secret, and the exact shape it then has. */
export type SecretRule = readonly [literals: readonly string[], shape: RegExp]

/**
 * Keys and tokens as their issuers document them. Each shape is linear (no nested repetition), and is tried only where one
 * of its literals stands in the text.
 */
export const SECRET_RULES: readonly SecretRule[] = [
  // Models and their hosts.
  [['sk-'], /\bsk-[A-Za-z0-9_-]{20,}/g],
  [['gsk_'], /\bgsk_[A-Za-z0-9]{40,}/g],
  [['xai-'], /\bxai-[A-Za-z0-9]{40,}/g],
  [['pplx-'], /\bpplx-[A-Za-z0-9]{40,}/g],
  [['r8_'], /\br8_[A-Za-z0-9]{30,}/g],
  [['hf_'], /\bhf_[A-Za-z0-9]{30,}/g],
  // Payment.
  [['sk_', 'pk_', 'rk_'], /\b[spr]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
  [['whsec_'], /\bwhsec_[A-Za-z0-9+/=]{16,}/g],
  [['sq0'], /\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}/g],
  [['shpat_', 'shpss_', 'shpca_', 'shppa_'], /\bshp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}/g],
  // Source and packages.
  [['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /\bgh[pousr]_[A-Za-z0-9]{30,}/g],
  [['github_pat_'], /\bgithub_pat_[A-Za-z0-9_]{40,}/g],
  [['glpat-', 'glptt-', 'glrt-', 'gldt-'], /\bgl(?:pat|ptt|rt|dt)-[A-Za-z0-9_.-]{20,}/g],
  [['ATATT3', 'ATBB'], /\b(?:ATATT3|ATBB)[A-Za-z0-9_=-]{24,}/g],
  [['npm_'], /\bnpm_[A-Za-z0-9]{36}/g],
  [['pypi-'], /\bpypi-[A-Za-z0-9_-]{50,}/g],
  [['rubygems_'], /\brubygems_[a-f0-9]{48}/g],
  [['dckr_pat_'], /\bdckr_pat_[A-Za-z0-9_-]{20,}/g],
  [['bkua_', 'CCIPAT_'], /\b(?:bkua_[a-f0-9]{40}|CCIPAT_[A-Za-z0-9_]{40,})/g],
  // Clouds and data.
  [['AKIA', 'ASIA'], /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  [
    ['ecret_access_key', 'ecretAccessKey', 'SECRET_ACCESS_KEY'],
    /(?<=(?:ecret_access_key|ecretAccessKey|SECRET_ACCESS_KEY)["']?[ \t]{0,4}[=:][ \t]{0,4}["']?)[A-Za-z0-9+/]{40}/g,
  ],
  [['AIza'], /\bAIza[A-Za-z0-9_-]{35}/g],
  [['ya29.'], /\bya29\.[A-Za-z0-9_-]{20,}/g],
  [['GOCSPX-'], /\bGOCSPX-[A-Za-z0-9_-]{20,}/g],
  [['AccountKey=', 'AccessKey='], /\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/=]{40,}/g],
  [['dop_v1_', 'doo_v1_', 'dor_v1_'], /\bdo[opr]_v1_[a-f0-9]{64}/g],
  [['dapi'], /\bdapi[a-f0-9]{32}/g],
  [['pscale_'], /\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{30,}/g],
  [['sbp_', 'sb_secret_'], /\b(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})/g],
  [['HRKU-'], /\bHRKU-[A-Za-z0-9_-]{30,}/g],
  [['tskey-'], /\btskey-[a-z]{2,12}-[A-Za-z0-9-]{20,}/g],
  [['hvs.', 'hvb.'], /\bhv[sb]\.[A-Za-z0-9_-]{24,}/g],
  [['atlasv1.'], /\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}/g],
  [['dp.pt.', 'dp.st.'], /\bdp\.(?:pt|st)\.[A-Za-z0-9.]{40,}/g],
  // Operations.
  [['glsa_', 'glc_'], /\b(?:glsa|glc)_[A-Za-z0-9+/=_]{32,}/g],
  [['NRAK-'], /\bNRAK-[A-Z0-9]{27}/g],
  [['sntrys_', 'sntryu_'], /\bsntry[su]_[A-Za-z0-9+/=_]{40,}/g],
  [['dt0c01.'], /\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}/g],
  // Messages and work.
  [['xoxa', 'xoxb', 'xoxe', 'xoxo', 'xoxp', 'xoxr', 'xoxs', 'xapp-'], /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g],
  [['hooks.slack.com/'], /(?<=hooks\.slack\.com\/)(?:services|workflows)\/[A-Za-z0-9/_-]{20,}/g],
  [[':AA'], /\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}/g],
  [['SG.'], /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g],
  [['key-'], /\bkey-[a-f0-9]{32}\b/g],
  [['xkeysib-'], /\bxkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}/g],
  [['lin_api_'], /\blin_api_[A-Za-z0-9]{30,}/g],
  [['ntn_', 'secret_'], /\b(?:ntn|secret)_[A-Za-z0-9]{40,}/g],
  [['figd_'], /\bfigd_[A-Za-z0-9_-]{30,}/g],
  [['PMAK-'], /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}/g],
  // Of no one issuer.
  [['eyJ'], /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g],
  [
    ['-----BEGIN'],
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  ],
  [['AGE-SECRET-KEY-1'], /\bAGE-SECRET-KEY-1[A-Z0-9]{58}/g],
  [['Bearer ', 'Basic '], /\b(?:Bearer|Basic) [A-Za-z0-9._~+/-]{16,}=*/g],
  [['://'], /(?<=:\/\/)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)/g],
  [['assword='], /(?<=[Pp]assword=)[^\s;&"']{4,256}/g],
  // Our own.
  [['ik_'], /\bik_[a-z0-9]{8}_[A-Za-z0-9_-]{43}/g],
]
