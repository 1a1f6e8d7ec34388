package org.concordat.schemas.problem;

/**
 * Every refusal, startup error and abort of Concordat, under a number that never changes meaning.
 *
 * <p>Hundreds: 1 files and configuration, 2 contracts and rules, 3 a bank's rows, 4 blocks, 5
 * identities and the charter, 6 batches, peers and the engine, 7 alerts, 8 the command.
 */
public enum Code {
  CDT_101("The file can't be read.", "Check the path and the file's permissions."),
  CDT_102("The file isn't well-formed YAML.", "Correct the syntax at the named line and column."),
  CDT_103("The key is not known here.", "Remove it, or use the suggested key."),
  CDT_104("A required key is missing.", "Add the key."),
  CDT_105("The value has the wrong type.", "Write a value of the named type."),
  CDT_106("The value is outside its limits.", "Use a value within the named limits."),
  CDT_107("The name is used twice.", "Give each entry its own name."),
  CDT_108(
      "The file of Kafka settings can't be used.",
      "Keep sasl.mechanism, sasl.jaas.config and other settings that begin with 'sasl.'."),

  CDT_201("The feature contract contradicts itself.", "Correct it at the named place."),
  CDT_202("The feature's range doesn't fit.", "Declare a range within the named limits."),
  CDT_203("The file's format is not known here.", "Use format 1, or a release that knows it."),
  CDT_204("The rate table contradicts itself.", "Correct it at the named place."),
  CDT_205("The mapping doesn't fit the contract.", "Map each of the contract's features once."),
  CDT_206("The source lacks a column that the mapping names.", "Correct the column's name."),
  CDT_211("The feature isn't in the contract.", "Use a feature that the contract lists."),
  CDT_212("The comparison doesn't fit the feature.", "Use one that fits the feature's type."),
  CDT_213("The value isn't one of the feature's.", "Use a value that the contract lists."),
  CDT_214("The number is finer than the feature.", "Write as many decimals as it declares."),
  CDT_215("The condition isn't well-formed.", "Write exactly one kind of condition."),
  CDT_216("The sum can grow too large to be compared.", "Use fewer decimals or smaller ranges."),
  CDT_217("The rule is decided without looking at a payment.", "Correct its condition."),
  CDT_218("The model file doesn't fit.", "Export the model again, or correct its file."),
  CDT_219("The score's step or threshold doesn't fit.", "Correct it at the named place."),
  CDT_220("The rule set exceeds a limit of the language.", "Make it smaller."),
  CDT_221("The rule set was written for another contract.", "Name the contract beside it."),
  CDT_222("An alert would tell more bits than the charter allows.", "Tell less."),
  CDT_223("A score is compared more often than the charter allows.", "Compare it less often."),
  CDT_224("The rule set lacks signatures of its quorum.", "Have more banks sign it."),
  CDT_225("The linkage isn't available.", "Write 'linkage: 64', or 'hideAmong'."),
  CDT_226("An entity can't be compared or summed.", "Use it in windows and paths."),
  CDT_227("The window can't be kept.", "Correct it at the named place."),
  CDT_228("The path can't be searched.", "Correct it at the named place."),
  CDT_229(
      "A rule over windows or paths would tell its exact score.",
      "Write 'tell: {score: band, cuts: [...]}' or 'tell: {score: none}'."),
  CDT_230("The state of an entity would be too large.", "Use fewer or smaller windows and paths."),
  CDT_231("A comparison doesn't depend on the payment.", "Remove it, or correct its bound."),
  CDT_232("Another domain would cost less.", "Change the domain in the contract's next version."),
  CDT_233("The score can be off by more than its step.", "Declare fewer decimals or ranges."),
  CDT_241("The linkage exceeds the charter's cap.", "Use a charter that allows it."),
  CDT_242(
      "The suite can't verify before a pseudonym is opened.",
      "Write 'allowUnverifiedLinkage: true' in the charter's next revision, if members agree."),
  CDT_243(
      "Linked rules run on one partition only.", "Use a charter with 'partitions: 1' for them."),
  CDT_244(
      "A score of secret weights would be told exactly.",
      "Write 'tell: {score: band, cuts: [...]}' or 'tell: {score: none}'."),
  CDT_245("The secret model doesn't fit its rule.", "Give the model that the rule declares."),
  CDT_246("The rule has no secret weights of this bank.", "Name a rule and its publisher."),
  CDT_247(
      "The rule alerts members of no path.",
      "Let its condition, or one of its 'all', ask for a path: 'is: true', or 'atLeast' 1 or"
          + " more."),
  CDT_248(
      "Epochs are shorter than what rules reach back.",
      "Use a charter with a larger 'epochDays', or shorter windows and paths."),

  CDT_251(
      "The rule set can't follow the one in force while processes run.",
      "Stop all aggregators and agents, name it as 'rules' at each, and start them."),
  CDT_252("Two rule sets have one version.", "Give the later one a higher version."),

  CDT_301("The row isn't valid UTF-8.", "Export the source as UTF-8."),
  CDT_302(
      "The row isn't well-formed CSV.",
      "Put quotes around the whole field and double those in it."),
  CDT_303(
      "The row has another number of columns than the header.", "Correct the row's separators."),
  CDT_304("The row is longer than the limit.", "Look for a quote that is never closed."),
  CDT_305("The source has no header line.", "Write the columns' names into the first line."),
  CDT_306(
      "The source isn't the one that was read before.",
      "Give new data a new file name in ingest.csv.file."),
  CDT_311("A cell that is required is empty.", "Fill it, or make the feature optional."),
  CDT_312("A cell isn't a number.", "Write digits and a decimal point only."),
  CDT_313("A value is outside its feature's range.", "Correct it, or widen the contract's range."),
  CDT_314("A number is finer than its feature.", "Round it at the source, or in the mapping."),
  CDT_315("The currency isn't known.", "Write its ISO 4217 code."),
  CDT_316("There is no rate for the currency and day.", "Add the rate to the rule set's table."),
  CDT_317("A value isn't in its feature's list.", "Map it to a listed value."),
  CDT_318("The time can't be read.", "Correct it, or the mapping's time format."),
  CDT_319("The time has no offset.", "Add the offset, or declare the source's zone."),
  CDT_320("The reference is empty, too long or unprintable.", "Give each row its own key."),
  CDT_321("A flag is neither 0 nor 1.", "Write 0 or 1, or map the value."),
  CDT_322("An amount is negative.", "Correct it, or the contract's range."),
  CDT_323("The JSON isn't well-formed.", "Correct its syntax; write each key once."),
  CDT_324("The mapping knows no such key.", "Use the mapping's columns as keys."),
  CDT_325("The value has the wrong JSON type.", "Write one flat object for each transaction."),
  CDT_329("An account's name is too long.", "Map the column that holds the account's number."),
  CDT_330("The XML isn't well-formed, or isn't UTF-8.", "Correct it at the named place."),
  CDT_331(
      "The XML has a document type, or goes beyond a limit.",
      "Send it without, or in smaller messages; see ingest.iso20022 for the limits."),
  CDT_332(
      "The message isn't a pacs.008.001.01 to 13, a pacs.004.001.01 to 14 or a camt.056.001.01 to"
          + " 12.",
      "Send one message, with its own namespace."),
  CDT_333("The message doesn't fit its version's schema.", "Correct it at the named place."),
  CDT_334(
      "An amount has more decimals than its currency, or the currency isn't known.",
      "Write the amount in ISO 4217 minor units."),
  CDT_335(
      "The transaction has neither a UETR nor a transaction id.",
      "Write PmtId/UETR, or PmtId/TxId."),
  CDT_336(
      "The message doesn't hold as many transactions as it says.", "Send the whole message again."),
  CDT_337(
      "A recall or return doesn't name its payment.",
      "Name each payment: by OrgnlUETR, or by the original message's and transaction's ids."),
  CDT_338(
      "A field of a recall or return isn't of its form.",
      "Write ids and codes of at most 35 characters, and time, amount and UETR as ISO 20022 says."),
  CDT_339(
      "An account is neither an IBAN nor 1 to 34 letters and digits.",
      "Write the IBAN, or the national account number."),
  CDT_340(
      "An IBAN's length or check digits are wrong.", "Correct it at the source: a digit is off."),
  CDT_341("A card number isn't 12 to 19 digits with their check digit.", "Write the whole number."),
  CDT_342(
      "A phone number isn't one.",
      "Write it with '+' and the country's code, or declare the column's region."),
  CDT_343("An e-mail address isn't one.", "Write name@domain."),
  CDT_344("An address isn't one of IPv4 or IPv6.", "Write it as numbers, without port or zone."),
  CDT_345(
      "A device or payment reference is longer than 256 characters or unprintable.",
      "Map the column that holds the reference."),

  CDT_350(
      "The disk of the agent's data folder is full.",
      "Make room, then start the agent again: what was accepted is kept."),
  CDT_351("Another agent uses this data folder.", "Stop it, or name another folder in data."),
  CDT_352(
      "The data folder was written under another store key.",
      "Name the key that the folder was written with in keys.store."),
  CDT_353("The data folder can't be opened.", "Check its permissions, its space and the disk."),
  CDT_354(
      "The data folder was written by a newer release.", "Run the newer release, or a new folder."),
  CDT_355(
      "The spool is nearly full.",
      "See which aggregator or broker holds it up, or raise its limit."),
  CDT_356(
      "The block was skipped, and its rows aren't sent again.", "See its receipts for the reason."),
  CDT_357(
      "An aggregator has had no sealing key in force on the bus for a week, or never.",
      "Start that aggregator once, and see that this agent reaches its brokers."),
  CDT_358("A block was skipped.", "Nothing: its rows are sent again; see its receipts."),
  CDT_359(
      "The consortium knows blocks that this data folder doesn't.",
      "Use the folder of the agent's last run: an older one would use up sequences twice."),
  CDT_360(
      "A rule has used up the charter's cap on its flags for this bank and day.",
      "See why it fires so often; the next UTC day begins at zero."),
  CDT_361(
      "The call has no valid token.",
      "Send the header 'Authorization: Bearer TOKEN' with a token of the agent's token file."),
  CDT_362("The token doesn't allow this.", "Use a token that has the role."),
  CDT_363("There is nothing under this path.", "See /v1/openapi.yaml for what there is."),
  CDT_364("The path doesn't take this method.", "See /v1/openapi.yaml for what it takes."),
  CDT_365("The body's type isn't taken here.", "Send the type that /v1/openapi.yaml names."),
  CDT_366("The body is larger than the limit.", "Send fewer transactions in one request."),
  CDT_367("The request can't be read.", "Correct it at the named place."),
  CDT_368("Too many requests are under way.", "Send it again after the time in Retry-After."),
  CDT_369(
      "The transactions couldn't be stored in time.",
      "Send the same again after the time in Retry-After: what was stored is known again."),
  CDT_370("The idempotency key was used with another body.", "Use a new key for a new request."),
  CDT_371(
      "A request with this idempotency key is under way.",
      "Wait for its answer, or send it again after the time in Retry-After."),
  CDT_372("The idempotency key isn't 1 to 255 printable characters.", "Send a UUID, for example."),
  CDT_373(
      "No transaction is known under this reference.",
      "Check it; references are known as long as limits.seenDays says."),
  CDT_374("A transaction was refused.", "Correct it as 'errors' says, and send it again."),
  CDT_375(
      "Without TLS the API may listen on this machine's loopback address only.",
      "Name api.certificate and api.key, or listen on 127.0.0.1."),
  CDT_379("The agent failed to answer.", "Send it again; look for this code in the agent's log."),
  CDT_380("The record has no value.", "Send payments only: they can't be taken back."),
  CDT_381(
      "The record isn't one of the Avro schema.",
      "Name the schema that it was written with, and its id if records begin with one."),
  CDT_385(
      "The topic has lost records that the agent hadn't read.",
      "Send lost payments again; then name another ingest.kafka.groupId, to read from the start."),
  CDT_386(
      "The topic isn't the one that was read before.",
      "Name the topic that was read, or another ingest.kafka.groupId, to read from the start."),
  CDT_387("The Avro schema can't be used.", "Name a schema of one record within the limits."),
  CDT_388(
      "Without TLS the agent reads an outbox on this machine's loopback address only.",
      "Set ingest.outbox.tls to verify-full and name its authority, or read from 127.0.0.1."),
  CDT_389(
      "The database refuses the agent.", "Correct user, password, database or the role's rights."),
  CDT_390(
      "The database isn't prepared for its outbox to be read.",
      "Run what 'concordat outbox sql' prints."),
  CDT_391(
      "The outbox's slot is missing or isn't one that the agent can read.",
      "Make it as 'concordat outbox sql' says; insert again what was written without it."),
  CDT_392(
      "The outbox's slot has lost rows that the agent hadn't read.",
      "Drop it, make another, insert the lost rows again, and name it in ingest.outbox.slot."),
  CDT_393(
      "The outbox's slot isn't the one that was read before, or others have moved it.",
      "Make another, insert again what was written since, and name it in ingest.outbox.slot."),
  CDT_394(
      "Records of cuts, receipts or alerts were removed before the agent had read them.",
      "Raise the topic's retention; see the runbook cuts-lost, of alerts alerts-lost."),
  CDT_395(
      "The data folder's store nearly takes all of the disk that it may.",
      "Raise limits.diskBytesMax, or lower limits.seenDays."),
  CDT_396(
      "The spool nearly has as many blocks as the heap has room for.",
      "See which aggregator or broker holds it up, or give the agent a larger heap."),

  CDT_401("The block isn't a well-formed record.", "Upgrade the agent, or look for corruption."),
  CDT_402("The block belongs to another consortium, charter or protocol.", "Use the charter."),
  CDT_403("The block names a bank that isn't a member.", "Enrol the bank in the charter."),
  CDT_404("The header's signature isn't the bank's.", "Check the agent's signing key."),
  CDT_405("The block is another aggregator's copy.", "Look for a topic that was mixed up."),
  CDT_406("The header contradicts itself.", "Upgrade the agent."),
  CDT_407("The ciphertext isn't the one that the header names.", "Look for corruption."),
  CDT_408("The block isn't sealed under its session's key.", "Restart the agent."),
  CDT_409("The ciphertext doesn't open.", "Look for corruption, or a wrong header."),
  CDT_410("The sealed content isn't what the header commits to.", "Upgrade the agent."),
  CDT_411("The block is larger than the limit.", "Lower the agent's blocks.rowsMax."),
  CDT_412("The sealing session isn't valid for this aggregator.", "Restart the agent."),

  CDT_413("The block stands in another bank's or partition's topic.", "Look who copied it there."),
  CDT_414("The block's contract isn't the one in force.", "Give the agent the rule set in force."),
  CDT_415("The components don't have the contract's length.", "Upgrade the agent."),
  CDT_416("The block's sequence is beyond the limit.", "See who signs with the bank's key."),
  CDT_417(
      "A bank's topic can't be read.",
      "See the brokers' logs, and whether this party may read the topic."),

  CDT_420("The model isn't a well-formed record.", "Upgrade who publishes it."),
  CDT_421("The model is of another charter or protocol.", "Publish it under the charter in force."),
  CDT_422("The model isn't from the rule's publisher.", "Look at the topic's writers."),
  CDT_423("The model was published for another rule set.", "Publish it for the one in force."),
  CDT_424("The model hasn't the shape that the rule declares.", "Publish it again."),
  CDT_425("The model is another aggregator's copy.", "Look who copied it."),
  CDT_426("The model doesn't open.", "Publish it again, to the aggregators' keys in force."),
  CDT_427("The model's shares aren't what its publisher committed to.", "Publish it again."),
  CDT_428("The model is older than one that was read.", "Publish it under a greater number."),

  CDT_501("Others can read the private key.", "Replace the key, then make it private."),
  CDT_502("The key file doesn't hold this kind of key.", "Name the right file."),
  CDT_503("The charter lacks a valid signature of a member.", "Have every member sign it."),
  CDT_504("The charter contradicts itself.", "Correct it and have every member sign it again."),
  CDT_505("The name isn't in the charter.", "Use a name that the charter lists."),
  CDT_506("The key isn't the one that the charter lists.", "Use the key that was enrolled."),
  CDT_507("The data sealed at rest doesn't open.", "Use the key it was written under."),
  CDT_508("The folder of sealing keys holds something else.", "Move the file out of it."),
  CDT_509("The revision doesn't follow from the charter.", "Propose it anew from the charter."),
  CDT_510("The certificate can't be issued.", "Have the member make its request anew."),
  CDT_511(
      "The aggregator's folder can't be written.",
      "Make room on its disk, or correct the folder's rights; it tries on by itself."),
  CDT_512(
      "The clock has stepped ahead: nothing is destroyed by age until it is believed.",
      "Set it right; if it is right, restart the process, or wait for a day."),
  CDT_513("The clock is believed again.", "Nothing; CDT-512 before it says how far it was ahead."),
  CDT_550(
      "The peer's certificate isn't from the consortium's authority.",
      "See who calls, or give both the same authority."),
  CDT_551("The peer's certificate isn't valid at this time.", "Renew it, or correct the clock."),
  CDT_552("The peer's certificate carries another name.", "Check the peers' addresses and files."),
  CDT_553("The peer speaks another version of the protocol.", "Upgrade the older one."),
  CDT_554("The peer has another charter.", "Give both the charter that all members signed."),
  CDT_555("The peer has another rule set.", "Give both the rule set that the quorum signed."),
  CDT_556(
      "The peer is an older worker than one that was seen.",
      "Stop the older process: two of them run under one name."),
  CDT_557("The peer's key exchange can't be right.", "Look for something between the peers."),
  CDT_558("The TLS handshake failed.", "See the peer's log, and who else calls."),
  CDT_559("The certificate and the private key don't belong together.", "Name a matching pair."),
  CDT_560(
      "The peer means other workers than this one knows of.",
      "Wait: both follow the topic of workers; if it lasts, compare what doctor says at both."),
  CDT_561(
      "Another process of this aggregator has taken over its work.",
      "Stop one of the two, or give each worker a name of its own."),
  CDT_562(
      "A vote of an earlier process of this aggregator came after this one had read the log.",
      "Nothing: the partition reads its log again; if it recurs, see whether two processes run."),
  CDT_563(
      "The new certificate can't be used; the last one stays in use.",
      "Name a matching pair of certificate and key, of the same name, valid at this time."),
  CDT_564(
      "A peer has seen a later process of this aggregator.",
      "Stop one of the two; if there is one, its clock was behind: set it right, restart it."),
  CDT_565(
      "This process's certificate for the brokers has expired.",
      "Put a new one of the same name and its key in place; it is taken without a restart."),

  CDT_650("A peer's frame doesn't open.", "Look for something between the peers."),
  CDT_651("A peer's frame is malformed or too long.", "Run the same release at both."),
  CDT_652("A peer sent more ahead than this side buffers.", "See why this side lags behind."),
  CDT_653("The link to a peer was lost.", "See whether the peer and the network are up."),
  CDT_654("The peer can't be reached.", "Check its address and whether it runs."),
  CDT_655("The peer refuses this aggregator.", "See the peer's log for the same code."),
  CDT_656("The address to listen on can't be used.", "Name an address of this machine."),

  CDT_601("The block never came, though later ones did.", "Check the topic's retention and log."),
  CDT_602("Two parties hold different headers for one block.", "Look at the brokers' logs."),
  CDT_603("A party's vote contradicts its earlier one.", "Look into that party's state."),
  CDT_604(
      "The parties computed different outcomes.",
      "Compare releases and rule sets; do nothing if a party logs CDT-562 too: its vote was late."),
  CDT_605("A party stands at another batch than its own commits allow.", "Look at its state."),
  CDT_606("The leader's proposal can't be right.", "Look into the leader of the partition."),
  CDT_610(
      "Too many attempts of one batch have failed.",
      "See why; then a restart of any one of the three aggregators has it tried again."),
  CDT_614(
      "This aggregator lacks the rule set that scores now.",
      "Put it into the folder of later rule sets, as the other aggregators have it."),
  CDT_608("A peer's message in a computation can't be right.", "Compare releases; look into it."),
  CDT_609("A peer's message about batches is malformed or not signed.", "Look into that peer."),
  CDT_607("The leader leaves out a bank that all parties could score.", "Look into the leader."),
  CDT_620(
      "Votes that this aggregator reads again at a start were removed from their topic.",
      "Raise the topic's retention; if CDT-605 follows, see the runbook old-state."),
  CDT_621(
      "The topic of links lacks records that its epoch was made of.",
      "Give the aggregator its topic back as it was; see the runbook old-state."),

  CDT_701("A record of the alert topic isn't readable.", "Look at the topic and its writers."),
  CDT_702("An alert share is of another charter, bank or mode.", "Look at the topic's writers."),
  CDT_703("An alert share isn't signed by an aggregator.", "Look at the topic's access rules."),
  CDT_704("An alert share doesn't open, or is another alert's.", "Check the bank's alert key."),
  CDT_705("Numbers of alerts are missing.", "Compare with the aggregators; check the retention."),
  CDT_706("An alert is for a transaction that the agent doesn't know.", "Check the data folder."),
  CDT_707("An alert's shares don't fit together.", "Compare what the aggregators signed."),
  CDT_708("An alert is of a rule set or rule that the agent doesn't have.", "Update its rule set."),
  CDT_709("An aggregator's share of an alert didn't come in time.", "Look at that aggregator."),
  CDT_710("A single aggregator's alerts were given up.", "Look into that aggregator."),
  CDT_711("The desk treats a rule that the rule set doesn't have.", "Correct alerts.desk.rules."),
  CDT_712("No alert is known under this id.", "List them; they are kept for desk.retentionDays."),
  CDT_713("A filter or a page can't be read.", "Correct it as /v1/openapi.yaml says."),
  CDT_714("The verdict can't be read.", "Send verdict as fraud, false-alarm or unsure."),
  CDT_715("The snooze can't be read.", "Send one scope, a reason, and when it ends."),
  CDT_716("No snooze is known under this id.", "List the snoozes."),
  CDT_717("There are as many snoozes as are allowed.", "End one that isn't needed."),
  CDT_718("Too many wait for new alerts.", "Ask again after the time in Retry-After."),
  CDT_719("The item has as many verdicts as are kept.", "Let the last one hold."),
  CDT_720("Alerts would leave this machine in plain text.", "Use https, or tls for syslog."),
  CDT_721("The webhook's secret is too short.", "Write 32 random characters at least."),
  CDT_722(
      "The agent has just started, and reads the items.",
      "Ask again after the time in Retry-After."),

  CDT_801("Only a test charter lets this run.", "Create a consortium with init --test."),
  CDT_802("A process of the demo ended before its time.", "Read its log."),
  CDT_803("A demo is running already.", "End it first, or wait for it."),
  CDT_804("Scoring doesn't go on after a fault.", "Read the logs of all processes."),
  CDT_805(
      "A batch was scored by a rule set that isn't there.",
      "Put it into the consortium's folder of later rule sets, signed as it was.");

  private final String cause;
  private final String fix;

  Code(String cause, String fix) {
    this.cause = cause;
    this.fix = fix;
  }

  /** One sentence that says what went wrong. */
  public String cause() {
    return cause;
  }

  /** One sentence that says what to do about it. */
  public String fix() {
    return fix;
  }

  /** The code as people write it: {@code CDT-101}. */
  public String label() {
    return name().replace('_', '-');
  }
}
