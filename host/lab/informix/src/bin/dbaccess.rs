//! The simulated `dbaccess`.

fn main() -> std::process::ExitCode {
    procedo_lab_informix::tool::run(procedo_lab_informix::tool::dbaccess)
}
