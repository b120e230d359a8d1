/// The application: a pool that lends, and its tests.
extension LeoPackage {
  /// Elements and salt of the first input, as a function takes them.
  private var openingPorts: (declared: String, passed: String) {
    let opening = program.openings[0]
    let list = "elements: [u\(opening.words.bits); \(opening.words.count)]"
    return opening.isSalted ? ("\(list), salt: field", "elements, salt") : (list, "elements")
  }

  var application: String {
    let (input, output) = (inputNames[0], outputNames[0])
    let identity = identityMembers.map { "outcome.\($0.member)" }.joined(separator: ", ")
    let suffix = outputs[0].offsets.count == 1 ? "" : "_0"
    return """
      import \(program.name);

      // A pool that lends to whom the model scores high enough. It relies on an outcome that the verifier has recorded, so
      // nobody pays for a proof's bytes here.
      //
      // A proof says what the model makes of an input, not whose input that is: a bureau that the pool trusts attests which
      // commitment is to the figures of which applicant.
      const LENDER: u8 = 0u8;
      const BUREAU: u8 = 1u8;
      // The lowest score that is lent to, in millionths.
      const LOWEST: i128 = 500000i128;
      // The most that one applicant owes.
      const LIMIT: u64 = 1000u64;

      program \(name).aleo {
          mapping parties: u8 => address;
          mapping funds: u8 => u64;
          mapping attested: address => field;
          mapping loans: address => u64;

          @noupgrade
          constructor() {}

          // Opens the pool, once; whoever does is the lender.
          fn open(public bureau: address, public amount: u64) -> Final {
              let lender: address = std::ctx::caller();
              return final {
                  assert(!Mapping::contains(parties, LENDER));
                  Mapping::set(parties, LENDER, lender);
                  Mapping::set(parties, BUREAU, bureau);
                  Mapping::set(funds, LENDER, amount);
              };
          }

          // The commitment to an applicant's figures; computed where the figures are, nobody else sees them.
          fn commit(\(openingPorts.declared)) -> field {
              return model::commit_\(input)(\(openingPorts.passed));
          }

          // The bureau says that a commitment is to an applicant's figures.
          fn attest(public applicant: address, public commitment: field) -> Final {
              let bureau: address = std::ctx::caller();
              return final {
                  assert_eq(Mapping::get(parties, BUREAU), bureau);
                  Mapping::set(attested, applicant, commitment);
              };
          }

          // Lends to the caller by an outcome about his attested figures.
          fn borrow(public key: field, public amount: u64) -> Final {
              let applicant: address = std::ctx::caller();
              return final {
                  let outcome: \(program.name)::outcome = Mapping::get(\(program.name)::outcomes, key);
                  assert(model::is_of_model(\(identity)));
                  assert_eq(Mapping::get(attested, applicant), outcome.inputs[0u32]);
                  let score: i128 = model::read_\(output)\(suffix)(outcome.output_0[0u32]);
                  assert(model::millionths_\(output)(score) >= LOWEST);
                  let owed: u64 = Mapping::get_or_use(loans, applicant, 0u64) + amount;
                  assert(owed <= LIMIT);
                  let left: u64 = Mapping::get(funds, LENDER) - amount;
                  Mapping::set(loans, applicant, owed);
                  Mapping::set(funds, LENDER, left);
              };
          }

          // Pays back.
          fn repay(public amount: u64) -> Final {
              let applicant: address = std::ctx::caller();
              return final {
                  let owed: u64 = Mapping::get(loans, applicant) - amount;
                  let left: u64 = Mapping::get(funds, LENDER) + amount;
                  Mapping::set(loans, applicant, owed);
                  Mapping::set(funds, LENDER, left);
              };
          }

          // A number of the input, in millionths, as the proof has it.
          fn store(millionths: i128) -> u\(program.openings[0].words.bits) {
              return model::store_\(input)(model::nearest_\(input)(millionths));
          }
      }

      """
  }

  var tests: String {
    let opening = program.openings[0]
    let list = "[u\(opening.words.bits); \(opening.words.count)]"
    func commit(_ salt: String) -> String {
      "\(name).aleo::commit(elements\(opening.isSalted ? ", \(salt)" : ""))"
    }
    var text = """
      import \(name).aleo;

      program test_pool.aleo {
          @noupgrade
          constructor() {}

          @test
          fn zero_is_the_offset() {
              assert_eq(\(name).aleo::store(0i128), (0i128 - \(inputs[0].offsets[0])i128) as u\(opening.words.bits));
          }

          @test
          @should_fail
          fn out_of_range_is_refused() {
              let stored: u\(opening.words.bits) = \(name).aleo::store(10000000000000000000000i128);
              assert_eq(stored, stored);
          }

          @test
          fn elements_are_bound() {
              let elements: \(list) = [0u\(opening.words.bits); \(opening.words.count)];
              let first: field = \(commit("5field"));
              elements[0u32] = 1u\(opening.words.bits);
              assert_neq(first, \(commit("5field")));
          }

      """
    if opening.isSalted {
      text += """

            @test
            fn the_salt_is_bound() {
                let elements: \(list) = [0u\(opening.words.bits); \(opening.words.count)];
                assert_neq(\(commit("5field")), \(commit("6field")));
            }

            @test
            @should_fail
            fn a_salt_has_a_limit() {
                let elements: \(list) = [0u\(opening.words.bits); \(opening.words.count)];
                let commitment: field = \(commit("0field - 1field"));
                assert_eq(commitment, commitment);
            }

        """
    }
    return text + "}\n"
  }
}
